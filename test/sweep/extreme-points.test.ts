/** A point that outlasts the clock is refused before the first run where that can be known, else its row says so. */
import { expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { checkExperimentFile, makeExperiment } from '../../src/sweep/experiment/experiment.js';
import { checkPoints, makePlan } from '../../src/sweep/run/plan.js';
import { runTask } from '../../src/sweep/run/task.js';

const planOf = (axis: string, values: readonly string[], base: Record<string, unknown> = {}) =>
  makePlan(
    makeExperiment({
      name: 'extreme',
      overrides: {},
      file: checkExperimentFile(
        { question: 'q', base: { storage: 'nvme-plp', ...base }, axes: { [axis]: values }, replications: 2 },
        'extreme.yaml',
      ),
    }),
  );

/** A guest that such a device holds back dirties next to nothing by itself. */
const FULL = { bitmaps: { dirty: '100%' } };

it.each([
  ['link', ['10gbit', '1kbit/s'], /^link of 125 B\/s: .* \(point 1: link=1kbit\/s\)$/],
  [
    'migration.max-bandwidth',
    ['100kB/s'],
    /^migration\.max-bandwidth of .* \(point 0: /,
    { ram: { size: '256G' } },
  ],
  ['flush-latency', ['1ms', '1d'], /^storage: latency of 86400 s .* \(point 1: /, FULL],
  ['flush-bandwidth', ['1B/s'], /^storage: bandwidth of 1 B\/s .* \(point 0: /, FULL],
] as const)('%s of %j', async (axis, values, message, base?: Record<string, unknown>) => {
  const plan = await planOf(axis, values, base);
  await expect(checkPoints(plan)).rejects.toThrow(InputError);
  await expect(checkPoints(plan)).rejects.toThrow(message);
});

it('what is slow and ends is no extreme', async () => {
  await checkPoints(await planOf('link', ['1Mbit/s']));
});

it('a row that fails for its situation has the reason in words, a bug is called internal', async () => {
  const point = await (await planOf('link', ['10gbit'])).point(0);
  const part = {
    scenario: point.resolved.scenario,
    strategies: point.strategies,
    seed: 1,
    replications: [0],
  };
  const reasonOf = async (error: Error) => {
    const { parts } = await runTask([part], () => {
      throw error;
    });
    return parts[0]![0]![0]!.reason;
  };
  expect(await reasonOf(new InputError('link of 1 B/s: too long'))).toBe('link of 1 B/s: too long');
  expect(await reasonOf(new Error('queue empty'))).toBe('internal: queue empty');
});
