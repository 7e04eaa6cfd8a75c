/**
 * The files that a page has: the shipped presets, put into it by the build. scripts/page.mjs gives these functions to the
 * model in place of `node:fs`, so that the code which reads presets is the same here and there.
 */

/** Path to text, below the folder of the package. The build defines it. */
declare const PAGE_FILES: Readonly<Record<string, string>>;

const pathOf = (name: string | URL): string => (typeof name === 'string' ? name : name.pathname);

const isThere = (path: string): boolean => Object.hasOwn(PAGE_FILES, path);

class Missing extends Error {
  readonly code = 'ENOENT';
}

/** Is there such a file? */
export function existsSync(name: string | URL): boolean {
  return isThere(pathOf(name));
}

/** What lies at a path: a file of the page, or nothing. */
export function statSync(name: string | URL): { isFile(): boolean; readonly size: number } | undefined {
  const path = pathOf(name);
  return isThere(path) ? { isFile: () => true, size: PAGE_FILES[path]!.length } : undefined;
}

/** The text of a file, as what Node's function gives is used: it is asked for its text. */
export function readFileSync(name: string | URL): string {
  const path = pathOf(name);
  if (!isThere(path)) throw new Missing(path);
  return PAGE_FILES[path]!;
}

/** The names in a folder. */
export function readdirSync(folder: string | URL): readonly string[] {
  const path = pathOf(folder);
  return Object.keys(PAGE_FILES)
    .filter((file) => file.startsWith(path) && !file.slice(path.length).includes('/'))
    .map((file) => file.slice(path.length));
}

/** The path of a URL. */
export function fileURLToPath(url: string | URL): string {
  return new URL(url).pathname;
}
