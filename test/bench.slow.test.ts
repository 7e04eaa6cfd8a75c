import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Shape only, never speed: this machine may be busy, and a peer may be missing (its rows are then left out). */
it('the benchmarks run at their quick size, agree with their peers, and print one JSON array', () => {
  const text = execFileSync(process.execPath, ['test/bench/run.mjs', '--quick', '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const rows = JSON.parse(text) as Record<string, unknown>[];
  const cases = readdirSync('test/bench/cases').map((file) => file.replace(/\.mjs$/, ''));
  for (const row of rows) {
    expect(cases).toContain(row.name);
    for (const key of ['ours_per_s', 'peer_per_s', 'ratio']) expect(row[key]).toBeGreaterThan(0);
    expect(typeof row.peer).toBe('string');
  }
  expect(new Set(rows.map((row) => `${row.name}/${row.peer}`)).size).toBe(rows.length);
});

it('a benchmark that cannot run says why in one line', () => {
  const run = (): string =>
    execFileSync(process.execPath, ['test/bench/run.mjs', '--ours', 'missing.mjs'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  expect(run).toThrow(/bench: .*missing\.mjs/);
});
