import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('docs/thread.md says what its commands say', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/thread.mjs', '--check'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
}, 300_000);
