/**
 * The figures of a host from measured stops. What a stop takes beyond its device is, figure by figure, a number of
 * writes, clusters, pieces … times a time: the figures are the times that explain the measured stops best, held near those
 * of a host that stands for any machine (`prior`), each by its spread. A few stops therefore tell what they can, and of
 * the other figures the prior is left with its spread.
 */
import { median, quantileSorted } from 'simple-statistics';
import type { HostSpec } from '../../sim/scenario.js';
import { figureOf, raised, uncertainFigures } from '../../sim/stop/host-share.js';
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

/** What a page fault takes where it is more than a figure inside others: where a hypervisor has to see it. */
const FAULT_NS = [1000, 2000, 4000, 8000, 16_000, 32_000] as const;
/** Standard deviation of that figure around each of them, as a share: they reach one another. */
const FAULT_SPREAD = 0.5;
/** Squared standard deviations by which the stops must be explained better: three of a normal distribution, and a bit. */
const TELLING = 10;

/** A host, and the one that it was held near: the prior, or one like it whose page faults are slow. */
export interface Fit {
  readonly host: HostSpec;
  readonly near: HostSpec;
}

/** The host that explains the observations; its spread is what they leave open. */
export function fitHost(prior: HostSpec, observations: readonly Observation[], name: string): HostSpec {
  return hostFit(prior, observations, name).host;
}

/**
 * The same with the host that it was held near. A page fault takes hundreds of nanoseconds or tens of thousands, and up to
 * some of it other things take longer, so that no slope leads from one to the other: it is looked for from several places, and
 * left out where the observations do not tell.
 */
export function hostFit(prior: HostSpec, observations: readonly Observation[], name: string): Fit {
  const usual = fitNear(prior, observations, name);
  const slowest = withFaults(prior, Math.max(...FAULT_NS));
  const isTold = observations.some(({ predictMs }) => predictMs(slowest) !== predictMs(prior));
  if (prior.perPageFaultNs !== undefined || !isTold) return usual;
  const others = FAULT_NS.map((ns) => fitNear(withFaults(prior, ns), observations, name));
  const best = others.reduce((a, b) => (b.misfit < a.misfit ? b : a));
  return best.misfit < usual.misfit - TELLING ? best : usual;
}

/**
 * Such a host with page faults of so long. What traps page faults traps system calls, of which a piece in a stream makes some
 * on both sides: how long it takes is less sure by as much.
 */
function withFaults(prior: HostSpec, perPageFaultNs: number): HostSpec {
  const spread = FAULT_SPREAD * perPageFaultNs;
  const widened = (figure: 'perStreamPieceNs' | 'perZeroPieceNs'): number =>
    Math.hypot(prior.spread?.[figure] ?? 0, spread);
  return {
    ...prior,
    perPageFaultNs,
    spread: {
      ...prior.spread,
      perPageFaultNs: spread,
      perStreamPieceNs: widened('perStreamPieceNs'),
      perZeroPieceNs: widened('perZeroPieceNs'),
    },
  };
}

/** The host that explains them best near this one, and how badly: squared standard deviations, those of outliers in proportion. */
function fitNear(
  prior: HostSpec,
  observations: readonly Observation[],
  name: string,
): Fit & { readonly misfit: number } {
  const figures = uncertainFigures(prior);
  let host: HostSpec = prior;
  let normal: number[][] = [];
  for (let step = 0; step < STEPS; step++) {
    const rows = observations.map(({ predictMs, measuredMs, sdMs }) => {
      const from = predictMs(host);
      const residual = (measuredMs - from) / sdMs;
      // By standard deviations of each figure, forwards: a figure may not be below 0.
      const slopes = figures.map(
        ([figure, spread]) => (predictMs(raised(host, figure, spread)) - from) / sdMs,
      );
      return { residual, slopes, weight: Math.min(1, OUTLIER / Math.max(Math.abs(residual), 1e-9)) };
    });
    normal = figures.map((_, i) =>
      figures.map((__, j) =>
        rows.reduce((sum, { slopes, weight }) => sum + weight * slopes[i]! * slopes[j]!, i === j ? 1 : 0),
      ),
    );
    const right = figures.map(([figure, spread], i) => {
      const towardsPrior = (figureOf(prior, figure) - figureOf(host, figure)) / spread;
      return rows.reduce(
        (sum, { slopes, weight, residual }) => sum + weight * slopes[i]! * residual,
        towardsPrior,
      );
    });
    const moves = solve(normal, right);
    const moved = figures.map(([figure, spread], i) => [
      figure,
      Math.max(0, figureOf(host, figure) + moves[i]! * spread),
    ]);
    host = { ...host, ...Object.fromEntries(moved) };
  }
  const left = inverseDiagonal(normal);
  const spread = figures.map(([figure, deviation], i) => [figure, deviation * Math.sqrt(left[i]!)]);
  const found = { ...host, name, spread: { ...prior.spread, ...Object.fromEntries(spread) } };
  return { host: found, near: prior, misfit: misfitOf(found, prior, observations) };
}

function misfitOf(host: HostSpec, prior: HostSpec, observations: readonly Observation[]): number {
  const ofStops = observations.map(({ predictMs, measuredMs, sdMs }) => {
    const off = Math.abs(measuredMs - predictMs(host)) / sdMs;
    return off <= OUTLIER ? off ** 2 : OUTLIER * (2 * off - OUTLIER);
  });
  const ofFigures = uncertainFigures(prior).map(
    ([figure, spread]) => ((figureOf(host, figure) - figureOf(prior, figure)) / spread) ** 2,
  );
  return [...ofStops, ...ofFigures].reduce((sum, each) => sum + each, 0);
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
