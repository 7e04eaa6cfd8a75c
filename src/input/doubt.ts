/**
 * How far the figures of presets may be off. A figure says so itself (`spread` beside it), or its mark says it for
 * all figures that are known in the same way. What a user sets is taken as known.
 */
import { isTree, type Tree } from '../base/tree.js';
import { parseTime } from '../base/units.js';
import type { LatencySpec } from '../sim/parameters/value-types.js';
import { type Parameter, parameterAt } from './parameters.js';
import { latencyMeanNs } from './values/compound.js';
import { type Layer, MARKS, type Raw, spreadOf } from './values/fields.js';
import { parseRow } from './values/kinds.js';
import { writtenNumber } from './values/written-number.js';

type Mark = (typeof MARKS)[number];

/**
 * Standard deviation of a figure without a spread of its own, as a share of it. These are judgements, told here and
 * nowhere else: 95 % of such figures lie within a factor of 1.2 (measured), 1.5 (vendor) and 2.1 (the others).
 * @internal
 */
export const SPREAD_OF_MARK: Readonly<Record<Mark, number>> = {
  measured: 0.1,
  vendor: 0.2,
  estimate: 0.4,
  reported: 0.4,
};

/** A figure of a preset that may be off. */
export interface Doubt {
  readonly parameter: Parameter;
  /** Standard deviation as a share of the figure. */
  readonly share: number;
  /** Whether the figure says so itself; else its mark does. */
  readonly stated: boolean;
  readonly mark: string | null;
  /** The figure times a factor, as its parameter is given; of a latency of some shape all of it is longer or shorter. */
  times(factor: number): unknown;
}

/** The number that a spread is of, in base units: of a latency its median or mean; undefined where there is none. */
function numberOf(parsed: unknown): number | undefined {
  if (typeof parsed === 'number') return parsed;
  if (!isTree(parsed)) return undefined;
  const latency = parsed as unknown as LatencySpec;
  return latency.kind === 'lognormal' ? latency.p50Ns : latencyMeanNs(latency);
}

const longer = (time: unknown, factor: number): string =>
  `${Math.max(1, Math.round(parseTime(String(time), '') * factor))}ns`;

/** Every time of a latency times the factor. */
function timesLatency(shape: Tree, factor: number): Tree {
  const entries = Object.entries(shape).map(([key, value]) => {
    if (key !== 'bins' || !isTree(value)) return [key, longer(value, factor)] as const;
    const bins: Record<string, number> = {};
    for (const [time, count] of Object.entries(value)) {
      const at = longer(time, factor);
      bins[at] = (bins[at] ?? 0) + Number(count);
    }
    return [key, bins] as const;
  });
  return Object.fromEntries(entries);
}

/** The doubt of one figure as it is written; undefined where it is no number above 0, or nothing says how it is known. */
function doubtOf(parameter: Parameter, raw: Raw): Doubt | undefined {
  const mark = MARKS.find((each) => each === raw.mark);
  if (raw.spread === undefined && mark === undefined) return undefined;
  const value = numberOf(parseRow(parameter, raw.raw, raw.where));
  if (value === undefined || !(value > 0) || !Number.isFinite(value)) return undefined;
  const { kind, min = 0, max = Number.POSITIVE_INFINITY } = parameter;
  const stated = raw.spread !== undefined;
  const shape = raw.raw;
  return {
    parameter,
    share: stated ? spreadOf(parameter, raw, value) / value : SPREAD_OF_MARK[mark!],
    stated,
    mark: mark ?? null,
    times: (factor) =>
      isTree(shape)
        ? timesLatency(shape, factor)
        : writtenNumber(kind, Math.min(max, Math.max(min, value * factor))),
  };
}

/** The figures in doubt of a preset; `given` is what the user set over it, by the same paths. */
export function doubtsIn(kind: string, own: Layer, given: readonly Layer[]): Doubt[] {
  return [...own].flatMap(([path, raw]) => {
    const parameter = parameterAt(`${kind}.${path}`);
    if (parameter === undefined || given.some((layer) => layer.has(path))) return [];
    return doubtOf(parameter, raw) ?? [];
  });
}

/** Figures of a storage that `--flush-latency` and `--flush-bandwidth` stand in for: nothing reads them then. */
export function isReplaced(
  { parameter: { path } }: Doubt,
  { flushLatencyNs, flushBytesPerS }: Flush,
): boolean {
  if (!path.startsWith('storage.')) return false;
  if (flushLatencyNs !== undefined) return path !== 'storage.channels';
  return flushBytesPerS !== undefined && path.endsWith('.bandwidth');
}

interface Flush {
  readonly flushLatencyNs?: number | undefined;
  readonly flushBytesPerS?: number | undefined;
}
