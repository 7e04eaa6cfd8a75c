/** What drives the answer: how much of the variance of the stop each input explains, and where the verdict flips. */
import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import { namedStream } from '../../kernel/rng.js';
import { metricRow } from '../../sim/machine/measure.js';
import type { MetricName } from '../../sim/machine/metrics.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import type { Interval } from '../../stats/interval.js';
import { elementaryEffects, morrisWalks } from '../../stats/morris.js';
import { type Box, findBox } from '../../stats/prim.js';
import { saltelliDesign, sobolIndices } from '../../stats/saltelli.js';
import { SOBOL_DIMENSIONS_MAX } from '../../stats/sobol.js';
import { isDeterministic, type Labelled, labelled } from '../run.js';
import { replicationsFrom, type Simulate, stopNs } from '../simulate.js';
import type { Factor } from './factor.js';
import { boxWords, sentenceOf } from './words.js';

export interface SensitivityInput {
  readonly situation: (settings: Readonly<Record<string, unknown>>) => Promise<Resolved>;
  readonly factors: readonly Factor[];
  readonly spec: StrategySpec;
  readonly metric: MetricName;
  /** Base points of the Sobol sequence, and walks of the screening. */
  readonly samples: number;
  readonly walks: number;
  /** Runs of each point; their mean counts. */
  readonly replications: number;
  readonly simulate: Simulate;
}

export interface InputIndex {
  readonly path: string;
  readonly first: number;
  readonly first_ci95: Interval;
  readonly total: number;
  readonly total_ci95: Interval;
  readonly morris_mu_star: number;
  readonly morris_mu: number;
  readonly morris_sigma: number;
}

export interface Sensitivity extends Labelled {
  /** The column whose variance is explained. */
  readonly output: string;
  readonly indices: readonly InputIndex[];
  readonly samples: number;
  readonly runs: number;
  /** Share of the settings at which the stop exceeds the budget. */
  readonly over_budget: number;
  readonly sentence: string;
  /** Where the verdict flips, in words; null where it does not, or no box holds it. */
  readonly box: string | null;
}

/** Points under way at once: enough for any number of workers to have something to do. */
const AT_ONCE = 64;

interface Point {
  readonly value: number;
  readonly over: boolean;
  readonly runs: number;
}

async function evaluate(input: SensitivityInput, point: readonly number[]): Promise<Point> {
  const { factors, spec, metric, simulate } = input;
  const settings = Object.fromEntries(factors.map(({ path, at }, i) => [path, at(point[i]!)]));
  const { scenario, seed, budgetNs } = await input.situation(settings);
  const count = isDeterministic(scenario) ? 1 : input.replications;
  const results = await simulate({
    scenario,
    strategies: [spec],
    seed,
    replications: replicationsFrom(0, count),
  });
  const scale = metricRow(metric).kind === 'time' ? 1e-6 : 1;
  let [sum, over] = [0, 0];
  for (const [ran] of results) {
    if (stopNs(ran!) > budgetNs) over++;
    sum += Number(ran!.metrics?.[metric] ?? 0) * scale;
  }
  return { value: sum / count, over: over * 2 > count, runs: count };
}

async function evaluateAll(
  input: SensitivityInput,
  points: readonly (readonly number[])[],
): Promise<Point[]> {
  const done: Point[] = [];
  for (let from = 0; from < points.length; from += AT_ONCE)
    done.push(
      ...(await Promise.all(points.slice(from, from + AT_ONCE).map((point) => evaluate(input, point)))),
    );
  return done;
}

/** Refuses what no design can hold. */
export function checkFactors(factors: readonly Factor[]): void {
  const most = Math.floor(SOBOL_DIMENSIONS_MAX / 2);
  if (factors.length > most)
    throw new InputError(`--vary: ${factors.length} parameters, at most ${most} can be varied together`);
  const twice = factors.find(({ path }, i) => factors.findIndex((other) => other.path === path) < i);
  if (twice) throw new InputError(`--vary: ${twice.path} is given twice`);
}

/** Runs both designs and says what they tell. */
export async function sensitivity(input: SensitivityInput): Promise<Sensitivity> {
  const { factors, spec, metric, samples, walks } = input;
  const { seed } = await input.situation({});
  const stream = (name: string) => namedStream(seed, 0, `sensitivity/${name}`);
  const design = saltelliDesign(factors.length, samples, stream('sobol'));
  const points = await evaluateAll(input, design.points);
  const screening = morrisWalks(factors.length, walks, stream('morris'));
  const walked = await evaluateAll(
    input,
    screening.flatMap((walk) => walk.points),
  );
  const length = factors.length + 1;
  const effects = elementaryEffects(
    screening,
    screening.map((_, w) => walked.slice(w * length, (w + 1) * length).map(({ value }) => value)),
  );
  const values = points.map(({ value }) => value);
  const indices = sobolIndices(design, values, stream('bootstrap')).map(
    (index, i): InputIndex => ({
      path: factors[i]!.path,
      ...index,
      morris_mu_star: effects[i]!.muStar,
      morris_mu: effects[i]!.mu,
      morris_sigma: effects[i]!.sigma,
    }),
  );
  const hits = points.map(({ over }) => over);
  const box: Box | undefined = findBox(design.points, hits);
  return {
    output: metricRow(metric).column,
    ...labelled(spec),
    indices,
    samples,
    runs: [...points, ...walked].reduce((sum, { runs }) => sum + runs, 0),
    over_budget: hits.filter(Boolean).length / hits.length,
    sentence: sentenceOf(indices, factors, values),
    box: box === undefined ? null : boxWords(box, factors),
  };
}
