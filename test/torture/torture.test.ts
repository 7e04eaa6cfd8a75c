import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** The built program, as the campaign runs it. */
function torture(...args: string[]) {
  return spawnSync(process.execPath, ['test/torture/run.mjs', ...args], {
    encoding: 'utf8',
    timeout: 110_000,
  });
}

it('a short campaign of a fixed seed finds nothing', { timeout: 120_000 }, () => {
  const { status, stdout } = torture(
    ...['--fuzz', '20', '--kills', '1', '--faults', '1', '--races', '1'],
    ...['--seed', '1', '--jobs', '1'],
  );
  expect(stdout).toMatch(/\n0 failures in \d+ s, seed 1\n$/);
  expect(stdout).toMatch(/ 20 damaged inputs/);
  expect(status).toBe(0);
});

it('a case can be repeated alone, and refuses what is no number', { timeout: 120_000 }, () => {
  expect(torture('--seed', '3', '--case', 'fuzz:4').stdout).toMatch(/ 1 damaged inputs/);
  expect(torture('--seed', 'x').status).toBe(2);
});

it('the shim compiles without a warning where there is a compiler', () => {
  const { status } = spawnSync('cc', ['--version']);
  if (status !== 0) return;
  const args = ['-Wall', '-Werror', '-fsyntax-only', 'test/torture/shim.c'];
  expect(() => execFileSync('cc', args, { stdio: 'pipe' })).not.toThrow();
});
