/** The committed results are those whose checksums are committed, none missing and none more. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SUMS = 'results/SHA256SUMS';

test('every file below results/ has the checksum that is committed (npm run results, or node scripts/checksums.mjs)', () => {
  const lines = readFileSync(SUMS, 'utf8').trim().split('\n');
  const stated = new Map(
    lines.map((line) => line.split('  ') as [string, string]).map(([sum, file]) => [file, sum]),
  );
  const files = readdirSync('results', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== SUMS);
  expect([...stated.keys()].sort()).toEqual(files.sort());
  const wrong = files.filter(
    (file) => createHash('sha256').update(readFileSync(file)).digest('hex') !== stated.get(file),
  );
  expect(wrong).toEqual([]);
});
