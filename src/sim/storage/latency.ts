/** The latency of one op: mean, variance and draws of a LatencySpec. */
import {
  exponential,
  Histogram,
  lognormal,
  lognormalFromQuantiles,
  lognormalMean,
  lognormalVariance,
} from '../../kernel/distributions.js';
import type { Rng } from '../../kernel/rng.js';
import type { LatencySpec } from '../scenario.js';

export interface Latency {
  readonly meanNs: number;
  readonly varianceNs2: number;
  draw(rng: Rng): number;
}

/** Prepares draws from the spec; of a constant nothing is drawn. */
export function latencyOf(spec: LatencySpec): Latency {
  switch (spec.kind) {
    case 'constant':
      return { meanNs: spec.ns, varianceNs2: 0, draw: () => spec.ns };
    case 'exponential':
      return {
        meanNs: spec.meanNs,
        varianceNs2: spec.meanNs ** 2,
        draw: (rng) => exponential(rng, spec.meanNs),
      };
    case 'lognormal': {
      const shape = lognormalFromQuantiles(spec.p50Ns, spec.p99Ns);
      return {
        meanNs: lognormalMean(shape),
        varianceNs2: lognormalVariance(shape),
        draw: (rng) => lognormal(rng, shape),
      };
    }
    case 'histogram': {
      const histogram = new Histogram(spec.ns, spec.counts);
      let counts = 0;
      let squares = 0;
      for (const [i, ns] of spec.ns.entries()) {
        counts += spec.counts[i]!;
        squares += spec.counts[i]! * (ns - histogram.mean) ** 2;
      }
      return {
        meanNs: histogram.mean,
        varianceNs2: squares / counts,
        draw: (rng) => histogram.sample(rng),
      };
    }
  }
}
