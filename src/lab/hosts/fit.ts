/**
 * The figures of a host from measured stops. What a stop takes beyond its device is, figure by figure, a number of
 * writes, clusters, pieces … times a time: the figures are the times that explain the measured stops best, held near those
 * of a host that stands for any machine (`prior`), each by its spread. A few stops therefore tell what they can, and of
 * the other figures the prior is left with its spread.
 */
import { median, quantileSorted } from 'simple-statistics';
import type { HostSpec } from '../../sim/scenario.js';
import { uncertainFigures } from '../../sim/stop/host-share.js';
import { inverseDiagonal, solve } from '../../stats/linear.js';

/** Something measured, and what the model says of it on any host. */
export interface Observation {
  readonly measuredMs: number;
  /** Standard deviation of the measured around the prediction, the host's share left out. */
  readonly sdMs: number;
  readonly predictMs: (host: HostSpec) => number;
  /** Others wanted the processors too, so it may be too long, and never too short. */
  readonly crowded?: boolean;
}

/** Steps of Gauss and Newton: predictions bend only where one bound takes over from another. */
const STEPS = 4;
/** Residuals of more standard deviations than this count in proportion, not by their square (Huber). */
const OUTLIER = 1.5;

/** The host that explains the observations; its spread is what they leave open. */
export function fitHost(prior: HostSpec, observations: readonly Observation[], name: string): HostSpec {
  const figures = uncertainFigures(prior);
  let host: HostSpec = prior;
  let normal: number[][] = [];
  for (let step = 0; step < STEPS; step++) {
    const rows = observations.map(({ predictMs, measuredMs, sdMs }) => {
      const from = predictMs(host);
      const residual = (measuredMs - from) / sdMs;
      // By standard deviations of each figure, forwards: a figure may not be below 0.
      const slopes = figures.map(
        ([figure, spread]) => (predictMs({ ...host, [figure]: host[figure] + spread }) - from) / sdMs,
      );
      return { residual, slopes, weight: Math.min(1, OUTLIER / Math.max(Math.abs(residual), 1e-9)) };
    });
    normal = figures.map((_, i) =>
      figures.map((__, j) =>
        rows.reduce((sum, { slopes, weight }) => sum + weight * slopes[i]! * slopes[j]!, i === j ? 1 : 0),
      ),
    );
    const right = figures.map(([figure, spread], i) => {
      const towardsPrior = (prior[figure] - host[figure]) / spread;
      return rows.reduce(
        (sum, { slopes, weight, residual }) => sum + weight * slopes[i]! * residual,
        towardsPrior,
      );
    });
    const moves = solve(normal, right);
    const moved = figures.map(([figure, spread], i) => [
      figure,
      Math.max(0, host[figure] + moves[i]! * spread),
    ]);
    host = { ...host, ...Object.fromEntries(moved) };
  }
  const left = inverseDiagonal(normal);
  const spread = figures.map(([figure, deviation], i) => [figure, deviation * Math.sqrt(left[i]!)]);
  return { ...host, name, spread: { ...prior.spread, ...Object.fromEntries(spread) } };
}

/**
 * Repeats of one stop as one observation: their median. On a crowded machine some of them were held up, which makes them
 * longer and never shorter: there their lower quartile.
 */
export function joined(repeats: readonly Observation[]): Observation {
  const share = repeats.some(({ crowded }) => crowded) ? 0.25 : 0.5;
  const times = repeats.map(({ measuredMs }) => measuredMs).sort((a, b) => a - b);
  return {
    measuredMs: quantileSorted(times, share),
    sdMs: median(repeats.map(({ sdMs }) => sdMs)),
    predictMs: (host) => median(repeats.map(({ predictMs }) => predictMs(host))),
  };
}
