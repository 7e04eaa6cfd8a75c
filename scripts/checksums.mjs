// results/SHA256SUMS, as `sha256sum --check` reads it: every file below results/ but itself.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

export const SUMS = 'results/SHA256SUMS';

/** The text of the file for the results of `root`. */
export function checksums(root) {
  const files = readdirSync(join(root, 'results'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => file !== SUMS)
    .sort();
  const lines = files.map((file) => {
    const sum = createHash('sha256').update(readFileSync(join(root, file)));
    return `${sum.digest('hex')}  ${file}\n`;
  });
  return lines.join('');
}

/** Writes it. */
export function writeChecksums(root) {
  writeFileSync(join(root, SUMS), checksums(root));
}

if (argv[1] === fileURLToPath(import.meta.url))
  writeChecksums(fileURLToPath(new URL('../', import.meta.url)));
