/**
 * `ask --uncertainty`: how far a stop may be from the answer, and why. All figures in doubt are drawn together, each
 * draw is run, and the variance of the stop is taken apart: between draws (input), between runs of one
 * draw (Monte-Carlo: chance), and what validation found the model itself to be off by (model).
 */
import type { Doubt } from '../../input/doubt.js';
import type { Resolved } from '../../input/resolve.js';
import { namedStream } from '../../kernel/rng.js';
import { type Blurred, centralInterval, chanceAbove } from '../../stats/blurred.js';
import { doubtFactor } from '../../stats/doubt-factor.js';
import type { Interval } from '../../stats/interval.js';
import { latinHypercube } from '../../stats/latin-hypercube.js';
import { type ProportionSummary, summariseProportion } from '../../stats/proportion.js';
import { varianceParts } from '../../stats/variance-parts.js';
import { doubtsFor } from '../doubts.js';
import { isDeterministic, type Labelled, labelled } from '../run.js';
import { type Ran, replicationsFrom, type Simulate, stopNs } from '../simulate.js';
import { marginsOf, type Verdict } from '../verdict.js';
import { modelSdNs } from './model-share.js';

/** Shares of the variance of a stop; they add up to 1. */
export interface Shares {
  readonly input: number;
  readonly monte_carlo: number;
  readonly model: number;
}

export interface StrategyUncertainty extends Labelled {
  /** Of one stop; null where a migration of some draw does not end as it should. */
  readonly stop_ms: { readonly mean: number; readonly ci95: Interval } | null;
  readonly variance_share: Shares | null;
  readonly sd_ms: Shares | null;
  /** P(stop > budget), the figures being as uncertain as they are. */
  readonly p_over_budget: ProportionSummary;
  /** The same of what the verdict looks at: the stop at downtime-limit, or at the lowest limit where it has to be lowered. */
  readonly p_verdict_over: ProportionSummary;
  readonly unfinished_share: number;
}

/** A figure that was drawn. */
export interface DrawnFigure {
  readonly path: string;
  readonly mark: string | null;
  readonly spread_share: number;
  /** Whether the spread stands beside the figure; else it is that of its mark. */
  readonly stated: boolean;
}

export interface Uncertainty {
  readonly draws: number;
  /** Of each strategy. */
  readonly runs: number;
  readonly figures: readonly DrawnFigure[];
  /** In the order of the answer's strategies. */
  readonly strategies: readonly StrategyUncertainty[];
}

export interface UncertaintyInput {
  readonly resolved: Resolved;
  /** The verdict of each strategy with the figures as stated. */
  readonly verdicts: readonly Verdict[];
  /** How often all figures are drawn. */
  readonly draws: number;
  readonly situation: (settings: Readonly<Record<string, unknown>>) => Promise<Resolved>;
  readonly simulate: Simulate;
}

/** Of every so many draws one is run twice: those tell chance from input. */
const TWICE_EVERY = 4;

/** The most runs that so many draws take, a strategy counted once. */
export function runsOf(draws: number): number {
  return draws + Math.ceil(draws / TWICE_EVERY);
}

/** What is looked at of one run, in nanoseconds. */
interface Looked {
  readonly stop: Blurred;
  /** How far what the verdict looks at is over the budget. */
  readonly margin: Blurred;
}

/** Runs by draw, in each by replication, in each by strategy. */
type Runs = readonly (readonly (readonly Ran[])[])[];

function factorsOf(draws: number, doubts: readonly Doubt[], seed: number): readonly (readonly number[])[] {
  const stream = (d: number) => namedStream(seed, 0, `uncertainty/${doubts[d]!.parameter.path}`);
  const points = latinHypercube(draws, doubts.length, stream);
  return points.map((point) => point.map((p, i) => doubtFactor(doubts[i]!.share, p)));
}

/** Simulates the draws. Drawn figures stay where they are put: every strategy sees the same. */
async function drawn(input: UncertaintyInput, doubts: readonly Doubt[]): Promise<Runs> {
  const { resolved, draws, situation, simulate } = input;
  const { strategies, seed } = resolved;
  return Promise.all(
    factorsOf(draws, doubts, seed).map(async (factors, draw) => {
      const settings = doubts.map(({ parameter, times }, i) => [parameter.path, times(factors[i]!)] as const);
      const { scenario } = await situation(Object.fromEntries(settings));
      const twice = draw % TWICE_EVERY === 0 && !isDeterministic(scenario);
      const replications = replicationsFrom(2 * draw, 2 * draw + (twice ? 2 : 1));
      return simulate({ scenario, strategies, seed, replications });
    }),
  );
}

function lookedAt({ resolved }: UncertaintyInput, ran: Ran, verdict: Verdict): Looked {
  const { metrics } = ran;
  const value = stopNs(ran);
  const endless = { value: Number.POSITIVE_INFINITY, sd: 0 };
  if (metrics === null || !Number.isFinite(value)) return { stop: endless, margin: endless };
  const sd = modelSdNs(resolved.scenario, metrics.phasesNs);
  const budget = {
    stop: resolved.budgetNs,
    bitmaps: resolved.bitmapBudgetNs,
    allowed: resolved.allowedShare,
  };
  const [atLimit, atLeast] = marginsOf(
    { atLimit: metrics.stopAtLimitNs, atLeast: metrics.leastStopNs, work: metrics.bitmapWorkNs },
    budget,
  );
  return {
    stop: { value, sd },
    margin: { value: verdict === 'fits-with-limit' ? atLeast : atLimit, sd },
  };
}

/** The chance of being above, with an interval for so many draws: it widens where they disagree. */
function chance(values: readonly Blurred[], limit: number, draws: number): ProportionSummary {
  const sum = values.reduce((total, value) => total + chanceAbove(value, limit), 0);
  const { value, ci95 } = summariseProportion(Math.min(1, sum / values.length) * draws, draws);
  return { value, ci95 };
}

type Spread = Pick<StrategyUncertainty, 'stop_ms' | 'variance_share' | 'sd_ms'>;

function spreadOf(draws: readonly (readonly Looked[])[]): Spread {
  const stops = draws.flat().map(({ stop }) => stop);
  if (stops.some(({ value }) => !Number.isFinite(value)))
    return { stop_ms: null, variance_share: null, sd_ms: null };
  const { mean, between, within } = varianceParts(draws.map((runs) => runs.map(({ stop }) => stop.value)));
  const model = stops.reduce((sum, { sd }) => sum + sd ** 2, 0) / stops.length;
  const all = between + within + model;
  const [low, high] = centralInterval(stops);
  const ms = (variance: number): number => Math.sqrt(variance) / 1e6;
  return {
    stop_ms: { mean: mean / 1e6, ci95: [low / 1e6, high / 1e6] },
    variance_share: { input: between / all, monte_carlo: within / all, model: model / all },
    sd_ms: { input: ms(between), monte_carlo: ms(within), model: ms(model) },
  };
}

/** Draws the figures in doubt and takes the variance of each strategy's stop apart. */
export async function uncertainty(input: UncertaintyInput): Promise<Uncertainty> {
  const { resolved, verdicts, draws } = input;
  const doubts = doubtsFor(resolved, resolved.strategies);
  const results = await drawn(input, doubts);
  const strategies = resolved.strategies.map((spec, s): StrategyUncertainty => {
    const looked = results.map((draw) => draw.map((ran) => lookedAt(input, ran[s]!, verdicts[s]!)));
    const all = looked.flat();
    const unfinished = all.filter(({ stop }) => !Number.isFinite(stop.value)).length;
    return {
      ...labelled(spec),
      ...spreadOf(looked),
      p_over_budget: chance(
        all.map(({ stop }) => stop),
        resolved.budgetNs,
        draws,
      ),
      p_verdict_over: chance(
        all.map(({ margin }) => margin),
        0,
        draws,
      ),
      unfinished_share: unfinished / all.length,
    };
  });
  const figures = doubts.map(({ parameter, mark, share, stated }) => ({
    path: parameter.path,
    mark,
    spread_share: share,
    stated,
  }));
  return { draws, runs: results.flat().length, figures, strategies };
}
