/**
 * A column that holds nothing but numbers can be loaded as numbers. Where a parameter may be a word as well (`unlimited`,
 * `auto`), a share of something, or a mix, a second column says so: its companion.
 */
import type { Row } from '../sim/parameters/row.js';
import type { Extent } from '../sim/parameters/value-types.js';

interface Pair {
  /** What its name ends in. */
  readonly end: string;
  readonly type: 'boolean' | 'number' | 'string';
  readonly meaning: string;
  /** Its value; `shown` is what the question says of the parameter, `beside` what it says under the companion's name. */
  readonly value: (shown: unknown, beside: unknown) => unknown;
  /** How the parameter was given, by the companion's cell; undefined: as the number. */
  readonly word: (cell: string) => string | undefined;
}

export interface Companion extends Pair {
  readonly column: string;
}

const isKnown = (shown: unknown): boolean => shown !== undefined && shown !== null;

const LIMITED: Pair = {
  end: 'limited',
  type: 'boolean',
  meaning: 'false: unlimited, and the number is empty',
  value: (shown) => (isKnown(shown) ? shown !== 'unlimited' : null),
  word: (cell) => (cell === 'false' ? 'unlimited' : undefined),
};

const AUTO: Pair = {
  end: 'auto',
  type: 'boolean',
  meaning: 'true: it follows from the workload and the age of the bitmap, and the number is empty',
  value: (shown) => (isKnown(shown) ? shown === 'auto' : null),
  word: (cell) => (cell === 'true' ? 'auto' : undefined),
};

const SHARE: Pair = {
  end: 'share',
  type: 'number',
  meaning: 'the share it was given as; empty: it was given in bytes',
  value: (_, beside) => beside ?? null,
  word: (cell) => (cell === '' ? undefined : shareText(Number(cell))),
};

const MIX: Pair = {
  end: 'mix',
  type: 'string',
  meaning: 'the sizes and their shares, of which the number is the mean; empty: there is one size',
  value: (_, beside) => beside ?? null,
  word: (cell) => (cell === '' ? undefined : cell),
};

function pairOf({ kind, max }: Row): Pair | undefined {
  switch (kind) {
    case 'rate':
    case 'number':
      return max === undefined ? LIMITED : undefined;
    case 'share-or-auto':
      return AUTO;
    case 'extent':
      return SHARE;
    case 'sizes':
      return MIX;
    default:
      return undefined;
  }
}

/** The column beside that of a parameter; undefined where numbers, or words, say all. */
export function companionOf(parameter: Row & { readonly column: string }): Companion | undefined {
  const pair = pairOf(parameter);
  const stem = parameter.column.replace(/_(bytes_per_s|bytes|share)$/, '');
  return pair && { ...pair, column: `${stem}_${pair.end}` };
}

/** A share as a user would write it. */
export const shareText = (share: number): string => `${Number((100 * share).toPrecision(12))}%`;

/** The share that an extent was given as; undefined: it was given in bytes. */
export const shareOf = (extent: Extent): number | undefined => ('share' in extent ? extent.share : undefined);
