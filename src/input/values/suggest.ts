import { closest, distance } from 'fastest-levenshtein';

/** `; did you mean 'x'?` for the nearest of the names, or nothing where none is near (more than half, or all, would change). */
export function didYouMean(given: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const lower = given.toLowerCase();
  const nearest = names.find((name) => name.split('.').at(-1) === lower) ?? closest(lower, names as string[]);
  const changes = distance(lower, nearest);
  const near =
    nearest.split('.').at(-1) === lower ||
    (changes <= Math.max(2, nearest.length / 2) && changes < nearest.length);
  return near ? `; did you mean '${nearest}'?` : '';
}

/** `one of a, b, c`; long lists are cut. */
export function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, 24).join(', ');
  return `one of ${shown}${names.length > 24 ? ', …' : ''}`;
}
