import { distance } from 'fastest-levenshtein';

/** The known word closest to the one given, if it is close enough to be a slip of the finger. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((word) => ({ word, edits: distance(given.toLowerCase(), word.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(2, given.length / 3) ? best.word : undefined;
}
