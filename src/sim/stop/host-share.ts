/** How far a prediction may be off because the host's figures are known only up to a spread. */
import type { HostFigure } from '../parameters/host.js';
import type { HostSpec } from '../scenario.js';

/** Figures of a host with a spread. */
export function uncertainFigures({ spread = {} }: HostSpec): readonly (readonly [HostFigure, number])[] {
  return (Object.entries(spread) as [HostFigure, number][]).filter(([, deviation]) => deviation > 0);
}

/** A figure of it; one that it leaves out takes no time. */
export function figureOf(host: HostSpec, figure: HostFigure): number {
  return host[figure] ?? 0;
}

/** The host with one figure raised. */
export function raised(host: HostSpec, figure: HostFigure, by: number): HostSpec {
  return { ...host, [figure]: figureOf(host, figure) + by };
}

/** Standard deviation of what `predict` says of a host: each figure raised by its spread, taken as independent. */
export function hostShare(predict: (host: HostSpec) => number, host: HostSpec): number {
  const from = predict(host);
  const squares = uncertainFigures(host).map(
    ([figure, deviation]) => (predict(raised(host, figure, deviation)) - from) ** 2,
  );
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}
