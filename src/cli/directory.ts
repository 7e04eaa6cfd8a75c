import { statSync } from 'node:fs';

/** Whether a path that a user gave is a directory: of results, where a file would be a scenario. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
