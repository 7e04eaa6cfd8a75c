/** `npm run evidence` says so where a committed number is not what the program makes. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'stopgap-evidence-test-'));
  const skipped = ['node_modules', '.git'].map((name) => resolve(name));
  cpSync('.', place, { recursive: true, filter: (from) => !skipped.includes(resolve(from)) });
  symlinkSync(resolve('node_modules'), join(place, 'node_modules'));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

function evidence(...words: string[]): { readonly code: number | null; readonly said: string } {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/evidence.mjs', ...words], {
    cwd: place,
    encoding: 'utf8',
  });
  return { code: status, said: stdout };
}

test('the numbers of an experiment, of a page and of the checksums are made again, and a changed one is found', () => {
  const words = ['07-what', 'README', 'opcounts.csv', 'SHA256SUMS'];
  const right = evidence(...words);
  expect(right.said).toMatch(/same {3}results\/07-what-would-a-patch-buy: \d+ files, \d+ bytes, 0 different/);
  expect(right.said).toMatch(/, 0 bytes different; 0 of the above wrong/);
  expect(right.code).toBe(0);

  const readme = join(place, 'README.md');
  writeFileSync(readme, readFileSync(readme, 'utf8').replace(/(nvme-plp +)130/, '$1131'));
  const runs = join(place, 'results/07-what-would-a-patch-buy/runs.csv');
  writeFileSync(runs, readFileSync(runs, 'utf8').replace(/7(?=\n)/, '8'));
  const wrong = evidence(...words);
  expect(wrong.said).toMatch(/WRONG {2}the table of the README: 1 file, \d+ bytes, 1 different/);
  expect(wrong.said).toMatch(/runs\.csv: 1 bytes/);
  expect(wrong.said).toMatch(/WRONG {2}results\/SHA256SUMS/);
  expect(wrong.said).toMatch(/same {3}results\/validation\/opcounts\.csv/);
  expect(wrong.code).toBe(1);
});
