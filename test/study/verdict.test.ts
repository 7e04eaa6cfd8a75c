/** One verdict for one set of replications, whoever asks for it. */
import { describe, expect, it } from 'vitest';
import type { MigrationResult } from '../../src/sim/machine/result.js';
import { judge } from '../../src/study/answer/answer.js';
import { because } from '../../src/study/answer/because.js';
import { summariseStrategy } from '../../src/study/answer/summary.js';
import { type RunResult, runReplication } from '../../src/study/run.js';
import {
  canFit,
  firstTrouble,
  type Margins,
  marginsOf,
  type Verdict,
  verdictOf,
} from '../../src/study/verdict.js';
import { RESULT_COLUMNS } from '../../src/sweep/results/columns.js';
import type { Row } from '../../src/sweep/results/csv.js';
import { resultCells } from '../../src/sweep/results/rows.js';
import { PointSummary } from '../../src/sweep/results/summary.js';
import { loses } from '../support/losing-strategy.js';
import { calm } from '../support/situation.js';

const completed = { state: 'completed' };
const endless = { state: 'not-converged' };
const failed = { state: 'failed' };
const allowing = { allowed: 0.05 };

/** `over` of `n` margins above 0, at the present limit and at the lowest. */
function margins(n: number, over: number, lowered = over): Margins {
  const some = (count: number): number[] => Array.from({ length: n }, (_, i) => (i < count ? 1 : -1));
  return { atLimit: some(over), atLeast: some(lowered) };
}

const verdict = (each: Margins): Verdict => verdictOf([completed], each, allowing, false);

describe('the verdict', () => {
  it('fits where the whole interval of the share over budget is allowed', () => {
    expect(verdict(margins(1000, 30))).toBe('fits');
    expect(verdict(margins(1000, 37))).toBe('borderline');
    expect(verdict(margins(1000, 51))).toBe('borderline');
    expect(verdict(margins(1000, 90))).toBe('too-much');
  });

  it('fits with a lower downtime-limit where it is over only at the present one', () => {
    expect(verdict(margins(1000, 900, 0))).toBe('fits-with-limit');
    expect(verdict(margins(1000, 900, 50))).toBe('borderline');
    expect(verdict(margins(1000, 900, 900))).toBe('too-much');
    expect(canFit('fits-with-limit') && canFit('fits') && !canFit('borderline')).toBe(true);
  });

  it('is decided by few replications where the budget is far away', () => {
    const around = (middle: number): number[] => [middle - 1, middle, middle + 1];
    expect(verdict({ atLimit: around(-100), atLeast: around(-100) })).toBe('fits');
    expect(verdict({ atLimit: around(100), atLeast: around(100) })).toBe('too-much');
    expect(verdict({ atLimit: around(-3), atLeast: around(-3) })).toBe('borderline');
  });

  it('is exact where nothing was left to chance', () => {
    const one = (at: number): Margins => ({ atLimit: [at], atLeast: [at] });
    expect(verdictOf([completed], one(0), allowing, true)).toBe('fits');
    expect(verdictOf([completed], one(1), allowing, true)).toBe('too-much');
  });

  it('asks for both budgets', () => {
    const budget = { stop: 300, bitmaps: 20, allowed: 0.05 };
    expect(marginsOf({ atLimit: 290, atLeast: 100, work: 15 }, budget)).toEqual([-5, -5]);
    expect(marginsOf({ atLimit: 290, atLeast: 100, work: 25 }, budget)).toEqual([5, 5]);
    expect(marginsOf({ atLimit: 310, atLeast: 100, work: 25 }, { ...budget, bitmaps: null })).toEqual([
      10, -200,
    ]);
  });

  it('is that of the worst replication: lost bits before a stop that never came', () => {
    const none = margins(2, 0);
    expect(verdictOf([completed, endless], none, allowing, false)).toBe('not-converged');
    expect(verdictOf([endless, failed, completed], none, allowing, false)).toBe('failed');
    expect(firstTrouble([completed, endless, failed])).toBe(failed);
    expect(firstTrouble([completed])).toBeUndefined();
  });
});

/** The results under store-at-stop, and the verdict on them in `ask --json` and in summary.csv. */
function bothVerdicts(results: readonly RunResult[], budgetNs: number): readonly unknown[] {
  const rows = results.map((result, replication): Row => {
    const cells = resultCells(result).map((cell, i) => [RESULT_COLUMNS[i]!.name, cell]);
    return {
      ...Object.fromEntries(cells),
      replication: String(replication),
      budget_ms: String(budgetNs / 1e6),
      deterministic: 'true',
    };
  });
  const header = Object.keys(rows[0]!);
  const point = new PointSummary(header);
  for (const row of rows) point.add(header.map((name) => row[name]!));
  const budget = { stop: budgetNs, bitmaps: null, allowed: 0.05 };
  return [summariseStrategy(results, budget, true).verdict, ...point.rows().map((row) => row('verdict'))];
}

describe('answer and summary.csv', () => {
  it('call a strategy that loses bits failed, though every stop keeps the budget', async () => {
    const { scenario, strategies, seed } = await calm({ 'disk.size': '1T', strategies: 'store-at-stop' });
    const sound = runReplication(scenario, strategies, seed, 0)[0]!;
    const lost: MigrationResult = loses(scenario);
    const broken: RunResult = {
      ...sound,
      ...lost,
      metrics: { ...sound.metrics, ...lost.metrics },
    };
    expect(lost.state).toBe('failed');
    expect(bothVerdicts([sound], 3600e9)).toEqual(['fits', 'fits']);
    expect(bothVerdicts([sound], 1)).toEqual(['too-much', 'too-much']);
    expect(bothVerdicts([sound, broken], 3600e9)).toEqual(['failed', 'failed']);
    const summary = summariseStrategy([sound, broken], { stop: 3600e9, bitmaps: null, allowed: 0.05 }, false);
    expect(summary).toMatchObject({ state: 'failed', reason: lost.reason });
    const resolved = await calm({ 'disk.size': '1T' });
    expect(because(resolved, [summary], null)).toBe(`store-at-stop broke its promise: ${lost.reason}`);
  });

  it('call a migration that never stops not-converged', async () => {
    const resolved = await calm({ 'disk.size': '1T', strategies: 'dont-store', qemu: '7.2' });
    const stream = judge(resolved).strategies.find(({ variant }) => variant === 'stream')!;
    expect([stream.state, stream.verdict]).toEqual(['not-converged', 'not-converged']);
    const { scenario, strategies, seed, budgetNs } = resolved;
    const results = runReplication(scenario, strategies, seed, 0).filter((run) => run.variant === 'stream');
    expect(bothVerdicts(results, budgetNs)).toEqual(['not-converged', 'not-converged']);
  });
});
