import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../../src/fate/outcomes.js';
import { resolve } from '../../../src/input/resolve.js';
import { outcomes } from '../../../src/study/outcomes/ask.js';
import { costQuestion } from '../../../src/study/outcomes/flags.js';
import { runWithFates } from '../../../src/study/outcomes/replication.js';
import { isDeterministic, runReplication } from '../../../src/study/run.js';
import { runnerOf } from '../../../src/sweep/run/task.js';

const FIXED = { 'flush-latency': '1ms', 'bitmaps.dirty': '100%', 'disk.size': '256G', workload: 'idle' };
const RANDOM = { storage: 'ceph-nvme', 'bitmaps.dirty': '100%', 'disk.size': '256G', workload: 'idle' };
const settings = { given: 'settings' } as const;

/** The cells that the command `outcomes` prints for this situation, and the fates of its replications. */
async function both(set: Record<string, unknown>, outcome: string, replications: number) {
  const resolved = await resolve({}, { ...set, replications, outcome }, settings);
  const table = outcomes(resolved, costQuestion({}), { replications: true, strategies: false });
  const runs = Array.from({ length: replications }, (_, r) =>
    runWithFates(resolved.scenario, resolved.strategies, resolved.seed, r),
  );
  return { table, runs, resolved };
}

describe('outcomes of a scenario', () => {
  it.each(Object.keys(OUTCOMES))('%s: the same cells as the command prints', async (outcome) => {
    const { table, runs } = await both(FIXED, outcome, 1);
    for (const { fate } of runs[0]!) {
      const printed = table.cells.find(
        (cell) =>
          cell.strategy === fate.strategy &&
          cell.variant === fate.variant &&
          cell.outcome === fate.outcome &&
          cell.history === fate.history &&
          cell.persistent === fate.persistent,
      );
      expect(fate).toEqual(printed);
    }
    expect(runs[0]!.length).toBe(5);
  });

  it('means over random replications are those of the command, to the rounding of a nanosecond', async () => {
    const { table, runs } = await both(RANDOM, 'two-masters-quit', 4);
    for (const [s, { strategy, variant }] of runs[0]!.entries()) {
      const mean = runs.reduce((sum, results) => sum + results[s]!.fate.downtime_ms!, 0) / runs.length;
      const { history } = runs[0]![s]!.fate;
      const printed = table.cells.find(
        (cell) =>
          cell.strategy === strategy &&
          cell.variant === variant &&
          cell.outcome === 'two-masters-quit' &&
          cell.history === history &&
          (strategy !== 'dont-store' || cell.persistent === (variant !== 'drop')),
      )!;
      expect(mean).toBeCloseTo(printed.downtime_ms!, 4);
    }
  });

  it('a success takes as long as the migration itself, and the runs stay as they were', async () => {
    const { scenario, strategies, seed } = await resolve({}, { ...FIXED, outcome: 'ok-quit' }, settings);
    const results = runWithFates(scenario, strategies, seed, 0);
    for (const { fate, metrics } of results)
      expect(fate.downtime_ms).toBeCloseTo(metrics.downtimeNs / 1e6, 5);
    const { outcome: _, ...plain } = scenario;
    const stripped = results.map(({ fate: _fate, ...result }) => result);
    expect(stripped).toEqual(runReplication(plain, strategies, seed, 0));
  });

  it('a fault strikes each strategy where it has got to', async () => {
    const plain = await resolve({}, { ...FIXED, strategies: 'store-at-stop,dont-store/stream' }, settings);
    const [store] = runReplication(plain.scenario, plain.strategies, 1, 0);
    const { migrationNs, downtimeNs } = store!.metrics;
    // In the middle of the store; the stream has long arrived by then.
    const fault = `destination-dies@${Math.round(migrationNs - downtimeNs / 2)}ns`;
    const { scenario, strategies } = await resolve(
      {},
      { ...FIXED, strategies: 'store-at-stop,dont-store/stream', fault },
      settings,
    );
    const met = runWithFates(scenario, strategies, 1, 0).map(({ fate }) => fate.outcome);
    expect(met).toEqual(['dst-dies-preswitch', 'ok-kill']);
  });

  it('a migration that does not converge is cancelled at its timeout, and never a success', async () => {
    // Pending counts bits: 16 M of them for 1 TiB, which the default limit never admits.
    const set = { ...FIXED, 'disk.size': '1T', strategies: 'dont-store/stream' };
    const faults = { ...set, 'fault-rate': 'destination-dies=1/min' };
    const { scenario, strategies } = await resolve({}, faults, settings);
    const met = Array.from({ length: 20 }, (_, r) => runWithFates(scenario, strategies, 1, r)[0]!.fate);
    expect(new Set(met.map(({ outcome }) => outcome))).toEqual(new Set(['cancel-quit', 'dst-dies-running']));
    const resolved = await resolve({}, set, settings);
    const question = costQuestion({ 'failure-probability': ['dst-dies-running=10%'] });
    const { costs, strategies: states } = outcomes(resolved, question, {
      replications: false,
      strategies: true,
    });
    expect(states[0]).toMatchObject({ state: 'not-converged' });
    expect(costs.strategies[0]!.per_migration).toMatchObject({
      downtime_ms: { value: 0 },
      full_backups: { value: 1 },
    });
  });

  it('fault rates: outcomes are drawn, the same faults for every strategy and every time', async () => {
    const set = { ...FIXED, 'fault-rate': 'cancel=1/s,destination-dies=2/s', 'kill-share': '50%' };
    const { scenario, strategies } = await resolve({}, set, settings);
    expect(isDeterministic(scenario)).toBe(false);
    const met = Array.from({ length: 40 }, (_, r) =>
      runWithFates(scenario, strategies, 1, r).map(({ fate }) => fate.outcome),
    );
    const again = runWithFates(scenario, strategies, 1, 7).map(({ fate }) => fate.outcome);
    expect(again).toEqual(met[7]);
    const store = new Set(met.map((each) => each[3]));
    // Pre-copy takes seconds, so that nearly every replication meets a fault in it: 40 lack one of these in 1e-3 of all seeds.
    for (const outcome of ['dst-dies-running', 'cancel-quit', 'cancel-kill'])
      expect(store).toContain(outcome);
  });

  it('is loaded only where an outcome is asked for', async () => {
    const { scenario } = await resolve({}, FIXED, settings);
    expect(scenario).not.toHaveProperty('outcome');
    expect(await runnerOf(scenario)).toBe(runReplication);
    expect(await runnerOf({ ...scenario, outcome: { kind: 'named', name: 'ok-quit' } })).toBe(runWithFates);
  });

  it.each([
    [{ outcome: 'cancel-quti' }, /outcome: 'cancel-quti' is not .*cancel-quit/],
    [{ outcome: 'ok-quit', fault: 'cancel@1s' }, /fault: outcome is given too/],
    [{ fault: 'cancel' }, /fault: 'cancel' is not FAULT@TIME/],
    [{ 'fault-rate': 'cancel=1' }, /fault-rate: 'cancel=1' is not FAULT=N/],
    [{ 'kill-share': '5%' }, /kill-share: needs fault-rate/],
  ])('refuses %j', async (set, message) => {
    await expect(resolve({}, set, settings)).rejects.toThrow(message);
  });
});
