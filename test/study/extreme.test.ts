import { expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { resolve } from '../../src/input/resolve.js';
import { runReplication } from '../../src/study/run.js';

it.each([
  [{ link: '1kbit/s' }, /^link of 125 B\/s: the migration lasts longer than the clock can tell/],
  [
    { 'migration.max-bandwidth': '100kB/s', 'ram.size': '256G' },
    /^migration\.max-bandwidth of 97\.7 KiB\/s: /,
  ],
  [{ 'flush-latency': '1d' }, /^storage: latency of 86400 s/],
  [{ 'flush-bandwidth': '1B/s' }, /^storage: bandwidth of 1 B\/s/],
])('%j is more than the clock can tell, in one line that says so', async (settings, message) => {
  const { scenario, strategies, seed } = await resolve({}, { storage: 'nvme-plp', ...settings });
  const run = () => runReplication(scenario, strategies, seed, 0);
  expect(run).toThrow(InputError);
  expect(run).toThrow(message);
});
