/**
 * The kinds of value that flags, scenario files and presets hold, and how text becomes a value in base units.
 * Nothing here knows a single parameter; parameters.ts and models/*.ts name a kind for each.
 */
import { InputError } from '../../base/errors.js';
import { isPowerOfTwo } from '../../base/power-of-two.js';
import { parseFraction, parseRate, parseSize, parseTime } from '../../base/units.js';
import type { Kind, KindValue, Row } from '../../sim/parameters/row.js';
import type { Extent } from '../../sim/parameters/value-types.js';
import { isRelease } from '../../sim/qemu/releases.js';
import { parseArrivals, parseLatency, parsePattern, parseSizes } from './compound.js';
import { didYouMean, oneOf } from './suggest.js';

/** Budgets by name, in nanoseconds: qemu (migration/options.c), Nova, Proxmox, vMotion, OPNFV; sources in models/README.md. */
const BUDGETS: ReadonlyMap<string, number> = new Map([
  ['qemu', 300e6],
  ['nova', 500e6],
  ['proxmox', 100e6],
  ['vmotion', 500e6],
  ['nfv', 10e6],
]);

const INTEGER = /^\d+$/;
const NUMBER = /^\d+(\.\d+)?$|^\.\d+$/;
const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['off', false],
  ['false', false],
  ['no', false],
]);

const scalar = (raw: unknown, where: string, allowed: string): string => {
  if (typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean')
    return String(raw).trim();
  throw new InputError(`${where}: ${JSON.stringify(raw)} is not ${allowed}`);
};

function refuse(where: string, raw: unknown, allowed: string, hint = ''): never {
  throw new InputError(`${where}: '${String(raw)}' is not ${allowed}${hint}`);
}

function within(value: number, row: Row, where: string, raw: unknown, what: string): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = row;
  if (value >= min && value <= max) return value;
  const bounds =
    row.allowed ??
    (Number.isFinite(max) ? `from ${min} to ${max}` : min > 0 && min < 2 ? 'above 0' : `of at least ${min}`);
  return refuse(where, raw, `${what} ${bounds}`);
}

function choice(raw: unknown, names: readonly string[], where: string): string {
  const text = scalar(raw, where, oneOf(names));
  return names.includes(text) ? text : refuse(where, text, oneOf(names), didYouMean(text, names));
}

function extent(raw: unknown, where: string): Extent {
  const text = scalar(raw, where, 'a size or a share');
  if (text.endsWith('%')) return { share: parseFraction(text, where) };
  return { bytes: parseSize(text, where) };
}

function names(raw: unknown, where: string): readonly string[] {
  const list = (Array.isArray(raw) ? raw : [raw]).flatMap((item) => scalar(item, where, 'a name').split(','));
  return list.length > 0 ? list.map((name) => name.trim()) : refuse(where, '', 'one name or more');
}

function files(raw: unknown, where: string): readonly string[] {
  const list = (Array.isArray(raw) ? raw : [raw]).map((item) => scalar(item, where, 'a file'));
  return list.length > 0 && list.every((name) => name !== '') ? list : refuse(where, '', 'a file or more');
}

/** A budget in nanoseconds: a time, or whose it is. */
export function parseBudget(raw: unknown, where: string): number {
  const text = scalar(raw, where, 'a time or a name');
  const named = BUDGETS.get(text);
  if (named !== undefined) return named;
  const allowed = `a time with a unit such as 300ms, or ${oneOf([...BUDGETS.keys()])}`;
  if (!/\d/.test(text)) refuse(where, text, allowed, didYouMean(text, [...BUDGETS.keys()]));
  try {
    const ns = parseTime(text, where);
    if (ns > 0) return ns;
  } catch {
    // The message below names both ways of giving a budget.
  }
  return refuse(where, text, allowed);
}

type Parsers = { readonly [K in Kind]: (raw: unknown, where: string, row: Row) => KindValue[K] };

const PARSERS: Parsers = {
  size: (raw, where, row) => {
    const text = scalar(raw, where, 'a size');
    return within(parseSize(text, where), { min: 1, ...row }, where, raw, 'a size');
  },
  'power-of-two': (raw, where, row) => {
    const bytes = parseSize(scalar(raw, where, 'a size'), where);
    const ok =
      isPowerOfTwo(bytes) && bytes >= (row.min ?? 1) && bytes <= (row.max ?? Number.POSITIVE_INFINITY);
    return ok ? bytes : refuse(where, raw, `a power of two ${row.allowed ?? ''}`.trim());
  },
  rate: (raw, where, row) => {
    const text = scalar(raw, where, 'a rate');
    const none = row.min === 0 && /^0+(\.0+)?\D*$/.test(text);
    return within(none ? 0 : parseRate(text, where), row, where, raw, 'a rate');
  },
  time: (raw, where, row) =>
    within(parseTime(scalar(raw, where, 'a time'), where), row, where, raw, 'a time'),
  share: (raw, where, row) =>
    within(parseFraction(scalar(raw, where, 'a share'), where), row, where, raw, 'a share'),
  number: (raw, where, row) => {
    const text = scalar(raw, where, 'a number');
    if (text === 'unlimited' && row.max === undefined) return Number.POSITIVE_INFINITY;
    if (!NUMBER.test(text))
      refuse(where, raw, row.allowed ? `a number ${row.allowed}` : 'a number such as 100');
    return within(Number(text), row, where, raw, 'a number');
  },
  count: (raw, where, row) => {
    const text = scalar(raw, where, 'a whole number');
    if (!INTEGER.test(text) || !Number.isSafeInteger(Number(text)))
      refuse(where, raw, `a whole number${row.allowed ? ` ${row.allowed}` : ` of at least ${row.min ?? 0}`}`);
    return within(Number(text), row, where, raw, 'a whole number');
  },
  choice: (raw, where, row) => choice(raw, row.choices ?? [], where),
  release: (raw, where, row) => {
    const text = scalar(raw, where, String(row.allowed));
    return isRelease(text) ? text : refuse(where, text, String(row.allowed));
  },
  switch: (raw, where) => SWITCH.get(scalar(raw, where, 'on or off')) ?? refuse(where, raw, 'on or off'),
  text: (raw, where) => {
    const text = scalar(raw, where, 'a name');
    return text === '' ? refuse(where, '', 'a name or a file') : text;
  },
  names: (raw, where) => names(raw, where),
  extent: (raw, where) => extent(raw, where),
  'share-or-auto': (raw, where) =>
    raw === 'auto' ? 'auto' : parseFraction(scalar(raw, where, 'a share or auto'), where, ', or auto'),
  budget: (raw, where) => parseBudget(raw, where),
  latency: parseLatency,
  sizes: parseSizes,
  pattern: parsePattern,
  arrivals: parseArrivals,
  files: (raw, where) => files(raw, where),
  disks: (raw) => raw,
  parts: (raw) => raw,
};

/** The value in base units (bytes, bytes/s, ns, fractions); InputError in one line where it is not allowed. */
export function parseRow(row: Row, raw: unknown, where: string): unknown {
  return PARSERS[row.kind](raw, where, row);
}
