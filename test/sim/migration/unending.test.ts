/** Whatever a strategy waits for or repeats, the run ends, and says why. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Process } from '../../../src/kernel/process.js';
import { Signal } from '../../../src/kernel/signal.js';
import { migrateWith } from '../../../src/sim/migration/controller.js';
import type { Scenario } from '../../../src/sim/scenario.js';
import type { Strategy } from '../../../src/sim/strategies/strategy.js';
import { calm } from '../../support/situation.js';

const MS = 1e6;

function* every(ns: number): Process {
  for (;;) yield ns;
}

function* waitFor(signal: Signal): Process {
  yield signal;
}

describe('a strategy that never comes to an end', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    ({ scenario } = await calm({ 'disk.size': '1T' }));
  });

  const stateWith = (hooks: Partial<Strategy>): { state: string; reason: string | null } => {
    const strategy: Strategy = { delivers: false, loadsFromImage: false, ...hooks };
    const { state, reason, metrics } = migrateWith(scenario, strategy, { seed: 1, replication: 0 });
    for (const value of [metrics.downtimeNs, metrics.sourceDowntimeNs, metrics.migrationNs])
      expect(value).toBeGreaterThanOrEqual(0);
    return { state, reason };
  };

  it.each([
    ['pending is infinite', () => Number.POSITIVE_INFINITY],
    ['pending is no number', () => Number.NaN],
    ['pending grows', (_: unknown, threshold: number) => 2 * threshold],
  ] as const)('gives up at the timeout: %s', (_, pending) => {
    expect(stateWith({ pending }).state).toBe('not-converged');
  });

  it.each([
    ['waits beside the guest', { whileRunning: () => waitFor(new Signal()) }, /waits for .* never happens/],
    ['goes on beside the guest', { whileRunning: () => every(MS) }, /does not come to an end/],
    ['spins beside the guest', { whileRunning: () => every(0) }, /without any time passing/],
    ['waits in the stop', { inStream: () => waitFor(new Signal()) }, /waits for .* never happens/],
    ['goes on in the stop', { inStream: () => every(MS) }, /does not come to an end/],
    ['spins as the image is given up', { atInactivate: () => every(0) }, /without any time passing/],
    ['goes on after the resume', { afterResume: () => every(MS) }, /does not come to an end/],
  ] as const)('fails: %s', (_, hooks, reason) => {
    const result = stateWith(hooks);
    expect(result.state).toBe('failed');
    expect(result.reason).toMatch(reason);
  });

  it('may leave behind what nobody waits for', () => {
    const whileRunning: Strategy['whileRunning'] = function* (machine) {
      machine.kernel.spawn('left behind', every(MS));
      yield machine.stopAsked;
    };
    expect(stateWith({ whileRunning })).toEqual({ state: 'completed', reason: null });
  });
});
