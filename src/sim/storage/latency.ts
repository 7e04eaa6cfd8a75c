/** The latency of one op: mean, variance, draws and the law of sums of a LatencySpec. */
import {
  erlang,
  exponential,
  Histogram,
  lognormal,
  lognormalFromQuantiles,
  lognormalMean,
  lognormalVariance,
} from '../../kernel/distributions.js';
import type { Rng } from '../../kernel/rng.js';
import {
  exponentialSpread,
  lognormalSpread,
  type Spread,
  shifted,
  tableSpread,
} from '../../kernel/spread.js';
import { Sums } from '../../kernel/sums.js';
import type { LatencySpec } from '../scenario.js';

export interface Latency {
  readonly meanNs: number;
  readonly varianceNs2: number;
  draw(rng: Rng): number;
  /** Of a request that takes so much more (or less, but never below 0) than the latency. */
  spreadWith(fixedNs: number): Spread;
  /** Draws of so many of them, one after another; null: it is always the same. */
  sumsWith(fixedNs: number): DrawSum | null;
}

/** One draw of the time of so many requests. */
export type DrawSum = (count: number, rng: Rng) => number;

type Single = Pick<Latency, 'meanNs' | 'varianceNs2' | 'draw'>;

/** Laws of sums by what they are sums of, for every run of this process: each costs as much as some thousand draws. */
const known = new Map<string, Sums>();
const KNOWN_MAX = 256;

function sumsOf(key: string, make: () => Sums): Sums {
  const before = known.get(key);
  if (before) return before;
  if (known.size === KNOWN_MAX) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}

/** With the law of sums: `key` tells the spread from others. */
function summed(single: Single, spread: Spread, key: string): Latency {
  const make = (fixedNs: number): Sums =>
    sumsOf(
      `${key}/${fixedNs}`,
      () => new Sums(shifted(spread, fixedNs), (rng) => Math.max(0, single.draw(rng) + fixedNs)),
    );
  return {
    ...single,
    spreadWith: (fixedNs) => shifted(spread, fixedNs),
    sumsWith(fixedNs) {
      const sums = make(fixedNs);
      return (count, rng) => sums.draw(count, rng);
    },
  };
}

/** Prepares draws from the spec; of a constant nothing is drawn. */
export function latencyOf(spec: LatencySpec): Latency {
  switch (spec.kind) {
    case 'constant': {
      const { ns } = spec;
      const spread = tableSpread([ns], [1]);
      return {
        meanNs: ns,
        varianceNs2: 0,
        draw: () => ns,
        spreadWith: (fixedNs) => shifted(spread, fixedNs),
        sumsWith: () => null,
      };
    }
    case 'exponential': {
      const { meanNs } = spec;
      const draw = (rng: Rng): number => exponential(rng, meanNs);
      const single = { meanNs, varianceNs2: meanNs ** 2, draw };
      const latency = summed(single, exponentialSpread(meanNs), `exponential/${meanNs}`);
      const sumsWith = (fixedNs: number): DrawSum | null =>
        fixedNs >= 0
          ? (count, rng) => meanNs * erlang(rng, count) + count * fixedNs
          : latency.sumsWith(fixedNs);
      return { ...latency, sumsWith };
    }
    case 'lognormal': {
      const shape = lognormalFromQuantiles(spec.p50Ns, spec.p99Ns);
      const single = {
        meanNs: lognormalMean(shape),
        varianceNs2: lognormalVariance(shape),
        draw: (rng: Rng): number => lognormal(rng, shape),
      };
      return summed(single, lognormalSpread(shape), `lognormal/${spec.p50Ns}/${spec.p99Ns}`);
    }
    case 'histogram': {
      const histogram = new Histogram(spec.ns, spec.counts);
      const spread = tableSpread(spec.ns, spec.counts);
      const single = {
        meanNs: histogram.mean,
        varianceNs2: spread.variance,
        draw: (rng: Rng): number => histogram.sample(rng),
      };
      return summed(
        single,
        spread,
        `histogram/${Array.from(spec.ns).join()}/${Array.from(spec.counts).join()}`,
      );
    }
  }
}
