/** Numbers in base units as a user would write them, and as whole steps that a search can walk. */
import type { Kind, Row } from '../../sim/parameters/row.js';

/** Twelve significant digits, never in exponent form. */
function plain(value: number): string {
  const short = Number(value.toPrecision(12));
  return Math.abs(short) < 1e-6 && short !== 0 ? short.toFixed(20) : String(short);
}

/** How a number in base units is written so that the parameter's own parser reads exactly it. */
const WRITE: Partial<Record<Kind, (value: number) => string>> = {
  size: (v) => String(Math.round(v)),
  extent: (v) => String(Math.round(v)),
  'power-of-two': (v) => String(2 ** Math.round(Math.log2(v))),
  rate: (v) => `${plain(v)}B/s`,
  time: (v) => `${Math.round(v)}ns`,
  budget: (v) => `${Math.round(v)}ns`,
  latency: (v) => `${Math.round(v)}ns`,
  share: plain,
  'share-or-auto': plain,
  number: plain,
  count: (v) => String(Math.round(v)),
};

/** The number as text for a parameter of this kind; undefined where its values are no numbers. */
export function writtenNumber(kind: Kind, value: number): string | undefined {
  return WRITE[kind]?.(value);
}

/** The values of a numeric parameter, numbered: `valueAt` of each whole number from `lowest` to `highest`. */
export interface Steps {
  readonly lowest: number;
  readonly highest: number;
  /** Where to begin if no value is set. */
  readonly usual: number;
  /** Whether steps are looked at by their ratio, or one after the other. */
  readonly geometric: boolean;
  valueAt(step: number): number;
  stepOf(value: number): number;
}

/** 104 days: the longest time that the clock can tell. */
const TIME_MAX_NS = 9e15;

/** The smallest difference that is worth telling apart, the largest value that is tried, and a usual one, in base units. */
const SCALES: Partial<
  Record<Kind, { readonly unit: number; readonly most: number; readonly usual: number }>
> = {
  size: { unit: 2 ** 16, most: 2 ** 53, usual: 2 ** 30 },
  extent: { unit: 2 ** 16, most: 2 ** 53, usual: 2 ** 30 },
  rate: { unit: 1, most: 1e12, usual: 1e8 },
  time: { unit: 1, most: TIME_MAX_NS, usual: 1e6 },
  budget: { unit: 1, most: TIME_MAX_NS, usual: 300e6 },
  latency: { unit: 1, most: TIME_MAX_NS, usual: 1e6 },
  share: { unit: 1e-6, most: 1, usual: 0.1 },
  'share-or-auto': { unit: 1e-6, most: 1, usual: 0.1 },
  number: { unit: 1e-3, most: 1e8, usual: 100 },
  count: { unit: 1, most: 2 ** 31, usual: 1 },
};

/** The steps of a parameter; undefined where its values are no numbers. */
export function stepsOf({ kind, min, max }: Row): Steps | undefined {
  if (kind === 'power-of-two') {
    const log2 = (value: number): number => Math.round(Math.log2(value));
    return {
      lowest: log2(min ?? 1),
      highest: log2(max ?? 2 ** 40),
      usual: 16,
      geometric: false,
      valueAt: (step) => 2 ** step,
      stepOf: log2,
    };
  }
  const scale = SCALES[kind];
  if (scale === undefined) return undefined;
  const { unit, most, usual } = scale;
  const stepOf = (value: number): number => Math.round(value / unit);
  // Of a rate, 0 is another word for nothing at all, which few parameters take.
  const least = kind === 'rate' && min === undefined ? 1 : 0;
  return {
    lowest: Math.max(least, Math.ceil((min ?? 0) / unit)),
    highest: Math.floor(Math.min(max ?? most, most) / unit),
    usual: stepOf(usual),
    geometric: true,
    // A product such as 3 * 1e-6 is not the number that is written 0.000003.
    valueAt: (step) => (unit < 1 ? Number((step * unit).toPrecision(12)) : step * unit),
    stepOf,
  };
}
