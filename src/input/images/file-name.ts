/** One file has many names in QEMU's reports; two of them are compared here. */
import { posix } from 'node:path';
import { isTree } from '../../base/tree.js';

const PSEUDO = 'json:';

/** The options behind a `json:{…}` name; undefined for a plain one. */
function optionsIn(name: string): unknown {
  if (!name.startsWith(PSEUDO)) return undefined;
  try {
    return JSON.parse(name.slice(PSEUDO.length));
  } catch {
    return undefined;
  }
}

/** The file at the bottom of nested drivers: `file.file.filename`, nested or with dots in its keys. */
function innermost(options: unknown): string | undefined {
  if (!isTree(options)) return undefined;
  const below = innermost(options.file);
  if (below !== undefined) return below;
  const key = Object.keys(options).find((each) => /^(file\.)*filename$/.test(each));
  const found = key === undefined ? undefined : options[key];
  return typeof found === 'string' ? found : undefined;
}

/** A name by which the same file is recognised. */
export function plainName(name: string): string {
  const found = innermost(optionsIn(name)) ?? name;
  const path = found.replace(/^file:(\/\/)?/, '');
  return /^[a-z][a-z0-9+.-]*:/i.test(path) ? path : posix.normalize(path);
}

/** True where the drivers that a `json:{…}` name lists have qcow2 among them. */
export function namesQcow2(name: string): boolean {
  return name.startsWith(PSEUDO) && /"(?:driver|[\w.]+\.driver)": ?"qcow2"/.test(name);
}
