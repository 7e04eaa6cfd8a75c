/** One verdict for one set of replications, whoever asks for it. */
import { describe, expect, it } from 'vitest';
import type { MigrationResult } from '../../src/sim/machine/result.js';
import { answer } from '../../src/study/answer/answer.js';
import { because } from '../../src/study/answer/because.js';
import { summariseStrategy } from '../../src/study/answer/summary.js';
import { type RunResult, runReplication } from '../../src/study/run.js';
import { firstTrouble, isTooMuch, keepsBudget, verdictOf } from '../../src/study/verdict.js';
import { RESULT_COLUMNS } from '../../src/sweep/results/columns.js';
import type { Row } from '../../src/sweep/results/csv.js';
import { resultCells } from '../../src/sweep/results/rows.js';
import { PointSummary } from '../../src/sweep/results/summary.js';
import { loses } from '../support/losing-strategy.js';
import { calm } from '../support/situation.js';

const completed = { state: 'completed' };
const endless = { state: 'not-converged' };
const failed = { state: 'failed' };

describe('the verdict', () => {
  it('fits where at most 5 % of the migrations are over the budget', () => {
    expect(verdictOf([completed, completed], 0.05)).toBe('fits');
    expect(verdictOf([completed, completed], 0.051)).toBe('too-much');
    expect([keepsBudget(0.05), keepsBudget(0.051)]).toEqual([true, false]);
  });

  it('is that of the worst replication: lost bits before a stop that never came', () => {
    expect(verdictOf([completed, endless], 0)).toBe('not-converged');
    expect(verdictOf([endless, failed, completed], 0)).toBe('failed');
    expect(firstTrouble([completed, endless, failed])).toBe(failed);
    expect(firstTrouble([completed])).toBeUndefined();
  });

  it('has two answers to "is it too much?"', () => {
    expect((['fits', 'too-much', 'not-converged', 'failed'] as const).map(isTooMuch)).toEqual([
      'fits',
      'too-much',
      'too-much',
      'too-much',
    ]);
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
      deterministic: 'false',
    };
  });
  const point = new PointSummary();
  for (const row of rows) point.add(row);
  return [summariseStrategy(results, budgetNs, false).verdict, ...point.rows().map((row) => row('verdict'))];
}

describe('answer and summary.csv', () => {
  it('call a strategy that loses bits failed, though every stop keeps the budget', async () => {
    const { scenario, strategies, seed } = await calm({ 'disk.size': '1T', strategies: 'store-at-stop' });
    const sound = runReplication(scenario, strategies, seed, 0)[0]!;
    const lost: MigrationResult = loses(scenario);
    const broken: RunResult = {
      ...sound,
      ...lost,
      metrics: { ...lost.metrics, bitmapDowntimeNs: 0, bitmapSourceDowntimeNs: 0 },
    };
    expect(lost.state).toBe('failed');
    expect(bothVerdicts([sound], 3600e9)).toEqual(['fits', 'fits']);
    expect(bothVerdicts([sound], 1)).toEqual(['too-much', 'too-much']);
    expect(bothVerdicts([sound, broken], 3600e9)).toEqual(['failed', 'failed']);
    const summary = summariseStrategy([sound, broken], 3600e9, false);
    expect(summary).toMatchObject({ state: 'failed', reason: lost.reason });
    const resolved = await calm({ 'disk.size': '1T' });
    expect(because(resolved, [summary], null)).toBe(`store-at-stop broke its promise: ${lost.reason}`);
  });

  it('call a migration that never stops not-converged', async () => {
    const resolved = await calm({ 'disk.size': '1T', strategies: 'dont-store', qemu: '7.2' });
    const stream = answer(resolved).strategies.find(({ variant }) => variant === 'stream')!;
    expect([stream.state, stream.verdict]).toEqual(['not-converged', 'not-converged']);
    const { scenario, strategies, seed, budgetNs } = resolved;
    const results = runReplication(scenario, strategies, seed, 0).filter((run) => run.variant === 'stream');
    expect(bothVerdicts(results, budgetNs)).toEqual(['not-converged', 'not-converged']);
  });
});
