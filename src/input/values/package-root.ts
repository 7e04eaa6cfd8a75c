/** Where this package is: one place knows, since the build may put this code into a bundle. */
import { existsSync } from 'node:fs';

/** The folder with package.json above this file, in src/, in dist/ and in an installed package alike. */
export const PACKAGE_ROOT: URL = above(new URL('./', import.meta.url));

function above(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const parent = new URL('../', folder);
  if (parent.href === folder.href) throw new Error('the folder of the package was not found');
  return above(parent);
}
