/** Systems side by side: what each differs by, and which is best. */
import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import { metricRow } from '../../sim/machine/measure.js';
import type { MetricName } from '../../sim/machine/metrics.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { CONFIDENCE } from '../../stats/interval.js';
import { Selection } from '../../stats/selection.js';
import { isDeterministic, labelled, strategyTitle } from '../run.js';
import { replicationsFrom, type Simulate } from '../simulate.js';
import { bestChances } from './best.js';
import { type Change, type Compared, compared } from './compared.js';

/** An alternative: a situation by a name. */
export interface Alternative {
  readonly name: string;
  readonly resolved: Resolved;
}

/** One of the things compared: an alternative under a strategy. */
interface System {
  readonly name: string;
  readonly resolved: Resolved;
  readonly spec: StrategySpec;
}

export interface ComparedRow extends Compared {
  readonly name: string;
  readonly strategy: string;
  readonly variant: string | null;
  /** Mean of the metric; null where a migration does not end as it should. */
  readonly mean_ms: number | null;
  readonly p_best: number;
  readonly n: number;
}

export interface Comparison {
  readonly baseline: string;
  readonly metric: string;
  readonly rows: readonly ComparedRow[];
  /** The best, and with which probability the selection is right if it is better by the indifference. */
  readonly best: string | null;
  readonly confidence: number;
  /** What the others are beside the baseline: `no-difference`, `better`, `worse`, or `mixed`. */
  readonly verdict: 'no-difference' | 'better' | 'worse' | 'mixed';
  readonly sentence: string;
}

export interface CompareInput {
  readonly alternatives: readonly Alternative[];
  readonly metric: MetricName;
  /** Share of the baseline that is the smallest difference worth finding. */
  readonly indifference: number;
  readonly simulate: Simulate;
}

/** Replications for each survivor in one go, and the most of any. */
const BATCH = 10;
const REPLICATIONS_MAX = 1000;
const SYSTEMS_MAX = 100;

/** Systems by alternative, in each by strategy. */
function systemsOf(alternatives: readonly Alternative[]): readonly System[] {
  const systems = alternatives.flatMap(({ name, resolved }) =>
    resolved.strategies.map((spec) => ({ name, resolved, spec })),
  );
  if (systems.length < 2)
    throw new InputError('compare: one thing is no comparison; give --with, more files, or more --strategy');
  if (systems.length > SYSTEMS_MAX)
    throw new InputError(`compare: ${systems.length} alternatives and strategies, at most ${SYSTEMS_MAX}`);
  return systems;
}

async function valuesOf(
  { resolved, spec }: System,
  { metric, simulate }: CompareInput,
  from: number,
  to: number,
): Promise<readonly number[]> {
  const { scenario, seed } = resolved;
  const alone = isDeterministic(scenario);
  const replications = alone ? [0] : replicationsFrom(from, to);
  const scale = metricRow(metric).kind === 'time' ? 1e-6 : 1;
  const results = await simulate({ scenario, strategies: [spec], seed, replications });
  const values = results.map(([ran]) => {
    const value = ran!.state === 'completed' ? ran!.metrics?.[metric] : undefined;
    return typeof value === 'number' ? value * scale : Number.POSITIVE_INFINITY;
  });
  return alone ? new Array<number>(to - from).fill(values[0]!) : values;
}

/** Runs all systems until the best is found, or until no more would tell. */
async function select(
  input: CompareInput,
  systems: readonly System[],
): Promise<readonly (readonly number[])[]> {
  const exact = systems.every(({ resolved }) => isDeterministic(resolved.scenario));
  const first = exact ? 1 : Math.max(2, Math.min(...systems.map(({ resolved }) => resolved.replications)));
  const begun = await Promise.all(systems.map((system) => valuesOf(system, input, 0, first)));
  const ended = begun.map((values) => values.every(Number.isFinite));
  const among = systems.flatMap((_, i) => (ended[i] ? [i] : []));
  if (exact || among.length < 2) return begun;
  const baseline = begun[among[0]!]!.reduce((sum, value) => sum + value, 0) / first;
  const indifference = Math.max(Number.MIN_VALUE, input.indifference * Math.abs(baseline));
  const selection = new Selection(among.length, { first, confidence: CONFIDENCE, indifference });
  const feed = (values: readonly (readonly number[])[], fed: readonly number[]): void => {
    for (let r = 0; r < values[0]!.length; r++)
      selection.add(selection.survivors.map((i) => values[fed.indexOf(i)]![r]!));
  };
  feed(
    among.map((i) => begun[i]!),
    selection.survivors,
  );
  for (let n = first; selection.survivors.length > 1 && n < REPLICATIONS_MAX; n += BATCH) {
    const left = selection.survivors;
    const more = left.map((i) => valuesOf(systems[among[i]!]!, input, n, n + BATCH));
    const values = await Promise.all(more);
    if (!values.flat().every(Number.isFinite)) break;
    feed(values, left);
  }
  return begun.map((values, i) => (among.includes(i) ? selection.samples[among.indexOf(i)]! : values));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** What the rows that are not the baseline are, together. */
function verdictOf(changes: readonly Change[]): Comparison['verdict'] {
  const kinds = new Set(changes);
  if (kinds.size > 1) return 'mixed';
  const [only = 'none'] = kinds;
  return only === 'none' ? 'no-difference' : only;
}

/** Compares every system with its strategy in the first alternative, or with the first system where there is but one. */
export async function compare(input: CompareInput): Promise<Comparison> {
  const systems = systemsOf(input.alternatives);
  const samples = await select(input, systems);
  const means = samples.map(mean);
  const leader = means.indexOf(Math.min(...means));
  const chances = bestChances(samples, leader);
  const first = input.alternatives[0]!;
  const label = ({ name, spec }: System): string =>
    input.alternatives.length === 1 ? strategyTitle(labelled(spec)) : name;
  const baselineOf = ({ spec }: System): number => {
    if (input.alternatives.length === 1) return 0;
    const title = strategyTitle(labelled(spec));
    const same = systems.findIndex(
      (each) => each.resolved === first.resolved && strategyTitle(labelled(each.spec)) === title,
    );
    return Math.max(0, same);
  };
  const rows = systems.map((system, i): ComparedRow => {
    const base = samples[baselineOf(system)]!;
    const n = Math.min(samples[i]!.length, base.length);
    const exact = isDeterministic(system.resolved.scenario) && isDeterministic(first.resolved.scenario);
    return {
      name: label(system),
      ...labelled(system.spec),
      mean_ms: Number.isFinite(means[i]) ? means[i]! : null,
      ...compared([{ values: samples[i]!.slice(0, n), baseline: base.slice(0, n) }], exact),
      p_best: chances[i]!,
      n: exact ? 1 : samples[i]!.length,
    };
  });
  const others = rows.filter((_, i) => baselineOf(systems[i]!) !== i);
  const best = Number.isFinite(means[leader]) ? `${rows[leader]!.name}` : null;
  return {
    baseline: label(systems[0]!),
    metric: metricRow(input.metric).column,
    rows,
    best,
    confidence: CONFIDENCE,
    verdict: verdictOf(others.map(({ change }) => change)),
    sentence: sentenceOf(rows, others, best),
  };
}

function sentenceOf(
  rows: readonly ComparedRow[],
  others: readonly ComparedRow[],
  best: string | null,
): string {
  if (others.every(({ change }) => change === 'none')) return 'no difference';
  if (best === null) return 'no migration ends as it should';
  const leader = rows.reduce((least, row) => (row.p_best > least.p_best ? row : least));
  return `best is ${best}, with probability ${leader.p_best > 0.999 ? 'above 0.999' : leader.p_best.toFixed(3)}`;
}
