/**
 * How large, how many, how fast: the value of each quantity up to which store-at-stop keeps the verdict's rule (no more
 * than the allowed share of migrations over the budget), all else as asked. Where the law of the stop is known, so is the
 * share. Else the search is that of `solve`, with the replications of the answer, so asking again with the value gives the
 * same verdict; where replications are dear (`isDear`) the guess is all there is. Both begin at a guess that takes neither
 * and so are short.
 */
import type { Resolved } from '../../input/resolve.js';
import { migrateMember } from '../../sim/evacuation/member.js';
import { closedStop, STOP_AS_IT_IS } from '../../sim/migration/closed-stop.js';
import { bitmapGeometry, LIMITS } from '../../sim/qcow2/geometry.js';
import type { Scenario } from '../../sim/scenario.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { Crossing } from '../../stats/crossing.js';
import { lastStep } from '../../stats/last-step.js';
import type { Range } from '../../stats/search-range.js';
import { isDeterministic, orEndless, type RunResult } from '../run.js';
import { replicationsFrom, stopNs } from '../simulate.js';
import {
  DISK_STEP_BYTES,
  diskMaxBytes,
  finest,
  type Guess,
  guess,
  withDiskSize,
  withDisks,
  withLatency,
  withStorage,
} from './break-even-guess.js';
import { isDear } from './replicate.js';
import type { StrategyAnswer } from './summary.js';

/** Null: no value fits (the stop exceeds the budget whatever it is), or every allowed value does. */
export interface BreakEven {
  readonly bitmap_bytes: number | null;
  readonly disk_bytes: number | null;
  readonly bitmaps: number | null;
  readonly flush_bandwidth_bytes_per_s: number | null;
  readonly flush_latency_ms: number | null;
}

/** Nothing is known of it. */
export const NO_BREAK_EVEN: BreakEven = {
  bitmap_bytes: null,
  disk_bytes: null,
  bitmaps: null,
  flush_bandwidth_bytes_per_s: null,
  flush_latency_ms: null,
};

/** How close the value is, as a share of it; the guess is about as close. */
const RESOLUTION = 1e-3;
/** More replications than these tell no more of a line of the answer, and take longer than the answer. */
const REPLICATIONS_MAX = 100;
const BATCH = 10;
/** Bounds of what is looked at: 100 s a request, 1 TB/s. */
const LATENCY_MAX_NS = 100e9;
const BANDWIDTH_MAX = 1e12;

/** A quantity as steps of the search. */
interface Stepped {
  readonly range: Omit<Range, 'start'>;
  readonly guess: number;
  /** The next step that surely does not fit lies this way: larger values cost more, or smaller ones. */
  readonly way: 1 | -1;
  at(step: number): Scenario;
}

/** What the search runs. */
interface Asked {
  readonly resolved: Resolved;
  readonly spec: StrategySpec;
  readonly replications: number;
}

/** The last value that fits, as a step; where that is none of the values or any of them, which. */
type Last = number | 'none' | 'all';

/** By how much the stop that the verdict looks at is over the budget; null: its law is not known. */
function excessNs(
  { budgetNs, allowedShare }: Resolved,
  spec: StrategySpec,
  scenario: Scenario,
): number | null {
  const excess = orEndless(() => {
    const law = closedStop(scenario, spec)?.law(STOP_AS_IT_IS);
    return law ? law.quantile(1 - allowedShare) - budgetNs : Number.NaN;
  });
  return Number.isNaN(excess) ? null : excess;
}

/** By the law of the stop; null: it is not known of all values that are asked for. */
function rootByLaw(resolved: Resolved, spec: StrategySpec, { range, guess, way, at }: Stepped): Last | null {
  let isKnown = true;
  const found = lastStep({ ...range, guess, way, resolution: RESOLUTION }, (step) => {
    const excess = isKnown ? excessNs(resolved, spec, at(step)) : null;
    isKnown = excess !== null;
    return (excess ?? 0) / Math.max(1, resolved.budgetNs);
  });
  return isKnown ? found : null;
}

/** By replications. */
function rootOf({ resolved, spec, replications }: Asked, stepped: Stepped): Last {
  const { range, guess: start, way, at } = stepped;
  const inside = (step: number): number => Math.min(range.highest, Math.max(range.lowest, step));
  const middle = inside(start);
  const exact = replications === 1;
  const effort = exact
    ? { allowed: 0, few: 1, many: 1 }
    : { allowed: resolved.allowedShare, few: Math.min(BATCH, replications), many: replications };
  const crossing = new Crossing({ ...range, start: middle }, { exact, resolution: RESOLUTION, ...effort });
  const width = Math.max(1, Math.round((middle * RESOLUTION) / 2));
  const asking = crossing.near(inside(middle - way * (width - 1)), inside(middle + way * width));
  let step = asking.next();
  while (!step.done) {
    const { at: value, from, to } = step.value;
    step = asking.next(excessesNs(resolved, spec, at(value), replicationsFrom(from, to)));
  }
  if (step.value === null) return 'none';
  return step.value.bad === null ? 'all' : step.value.good;
}

function excessesNs(
  { seed, budgetNs }: Resolved,
  spec: StrategySpec,
  scenario: Scenario,
  replications: readonly number[],
): number[] {
  return replications.map((replication) =>
    orEndless(() => stopNs(migrateMember(scenario, spec, { seed, replication })) - budgetNs),
  );
}

/** How much longer the stop may be: what is left below the budget of the stop that the verdict looks at. */
function roomOf({ budgetNs, allowedShare }: Resolved, runs: readonly RunResult[]): number {
  const sorted = runs.map(({ metrics }) => metrics.downtimeNs).sort((a, b) => b - a);
  return budgetNs - sorted[Math.floor(allowedShare * sorted.length)]!;
}

/** Each quantity that has a guess, as steps. Bitmaps of several kinds have no step: their guess stands. */
function quantities(resolved: Resolved, guessed: Guess): Readonly<Record<keyof Guess, Stepped | null>> {
  const { scenario } = resolved;
  const { diskBytes, bitmaps, latencyNs, bytesPerS } = guessed;
  const alike = scenario.disks.every((disk) => disk.bitmaps.length === 1);
  const range = (lowest: number, highest: number) => ({ lowest, highest, geometric: true });
  const step = DISK_STEP_BYTES;
  return {
    diskBytes:
      diskBytes === null
        ? null
        : {
            range: range(1, Math.floor(diskMaxBytes(scenario) / step)),
            guess: diskBytes / step,
            way: 1,
            at: (count) => withDiskSize(scenario, count * step),
          },
    bitmaps:
      bitmaps === null || !alike
        ? null
        : {
            range: range(1, LIMITS.bitmaps),
            guess: bitmaps,
            way: 1,
            at: (count) =>
              withDisks(scenario, (disk) => ({ ...disk, bitmaps: [{ ...disk.bitmaps[0]!, count }] })),
          },
    latencyNs:
      latencyNs === null
        ? null
        : {
            range: range(0, LATENCY_MAX_NS),
            guess: latencyNs,
            way: 1,
            at: (ns) => withLatency(resolved, ns),
          },
    bytesPerS:
      bytesPerS === null
        ? null
        : {
            range: range(1, BANDWIDTH_MAX),
            guess: bytesPerS,
            way: -1,
            at: (rate) => withStorage(scenario, undefined, rate),
          },
  };
}

/** The guess where searching would take too long: a disk in steps. */
function guessedStep(name: keyof Guess, guessed: Guess): number | null {
  const value = guessed[name];
  return value !== null && name === 'diskBytes' ? value / DISK_STEP_BYTES : value;
}

/**
 * Break-even of each quantity, of the strategy `spec`: `store` is its summary in the same situation, `runs` makes its
 * replications. Where they are dear, the guess stands.
 */
export function breakEven(
  resolved: Resolved,
  spec: StrategySpec | undefined,
  store: StrategyAnswer | undefined,
  runs: () => readonly RunResult[],
): BreakEven {
  if (spec === undefined || store === undefined || store.state !== 'completed') return NO_BREAK_EVEN;
  const { scenario } = resolved;
  const overNs = store.exact ? excessNs(resolved, spec, scenario) : null;
  const guessed = guess(resolved, store, overNs === null ? roomOf(resolved, runs()) : -overNs);
  const stepped = quantities(resolved, guessed);
  const byRuns = (name: keyof Guess, steps: Stepped): Last | null => {
    if (isDear(runs())) return guessedStep(name, guessed);
    const replications = isDeterministic(scenario) ? 1 : Math.min(runs().length, REPLICATIONS_MAX);
    return rootOf({ resolved, spec, replications }, steps);
  };
  const root = (name: keyof Guess): number | null => {
    const steps = stepped[name];
    if (steps === null) return name === 'bitmaps' ? guessed.bitmaps : null;
    const found = (overNs === null ? null : rootByLaw(resolved, spec, steps)) ?? byRuns(name, steps);
    if (found === 'none' && name === 'bitmaps') return 0;
    return typeof found === 'number' ? found : null;
  };
  const disk = root('diskBytes');
  const latencyNs = root('latencyNs');
  const bytes = disk === null ? null : disk * DISK_STEP_BYTES;
  const { granularityBytes, clusterBytes } = finest(scenario);
  return {
    bitmap_bytes: bytes === null ? null : bitmapGeometry(bytes, granularityBytes, clusterBytes).bytes,
    disk_bytes: bytes,
    bitmaps: root('bitmaps'),
    flush_bandwidth_bytes_per_s: root('bytesPerS'),
    flush_latency_ms: latencyNs === null ? null : latencyNs / 1e6,
  };
}
