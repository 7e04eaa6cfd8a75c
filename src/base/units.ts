/**
 * Text with a unit to a number in base units, and back. The only file that knows suffixes.
 *
 * Base units: bytes, bytes per second, nanoseconds, plain fractions.
 *   sizes  `64k` `16T` `64KiB` are binary as QEMU takes them; `30MB` is decimal, `30MiB` binary.
 *   rates  `200MiB/s`, `10Gbit/s` (decimal bits, as network hardware is sold), `unlimited`
 *   times  `80us`, `1.5ms`, `300ms`, `2s`, `5min`, `1h`, `7d`
 */
import { InputError } from './errors.js';

const KI = 1024;
// Maps, not objects: `5constructor` must not find anything.
const SIZE = new Map([
  ['', 1],
  ['b', 1],
]);
for (const [power, letter] of ['k', 'm', 'g', 't', 'p'].entries()) {
  SIZE.set(letter, KI ** (power + 1));
  SIZE.set(`${letter}ib`, KI ** (power + 1));
  SIZE.set(`${letter}b`, 1000 ** (power + 1));
}
const BIT_RATE = new Map([
  ['bit', 1],
  ['kbit', 1e3],
  ['mbit', 1e6],
  ['gbit', 1e9],
  ['tbit', 1e12],
]);
const TIME = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['min', 60e9],
  ['h', 3600e9],
  ['d', 86_400e9],
]);

function split(text: string): { value: number; unit: string } | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s?([a-zA-Zµ%/]*)\s*$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]);
  return Number.isFinite(value) ? { value, unit: match[2]! } : undefined;
}

function refuse(where: string, given: string, allowed: string): never {
  throw new InputError(`${where}: '${given}' is not ${allowed}`);
}

/** Whole bytes from 0 to 2^53; a fraction of a unit is rounded to a byte. `where` names the flag or key for the error. */
export function parseSize(text: string | number, where: string): number {
  const part = split(String(text));
  const factor = part && SIZE.get(part.unit.toLowerCase());
  const exact = part && factor ? part.value * factor : Number.NaN;
  const bytes = factor === 1 ? exact : Math.round(exact);
  if (!Number.isSafeInteger(bytes)) refuse(where, String(text), 'a size such as 64k, 30MB or 16TiB');
  return bytes;
}

/**
 * Bytes per second, more than 0; `unlimited` is Infinity. `10Gb/s` is refused: it may mean bits or bytes, and the
 * two differ by a factor of 8.
 */
export function parseRate(text: string | number, where: string): number {
  if (String(text).trim() === 'unlimited') return Number.POSITIVE_INFINITY;
  const part = split(String(text));
  const unit = part?.unit.endsWith('/s') ? part.unit.slice(0, -2) : '';
  const bits = BIT_RATE.get(unit.toLowerCase());
  const isAmbiguous = /^[kmgtp]?b$/i.test(unit) && unit.endsWith('b');
  const factor = bits === undefined ? SIZE.get(unit.toLowerCase()) : bits / 8;
  if (!part || factor === undefined || unit === '' || part.value <= 0 || isAmbiguous)
    refuse(where, String(text), 'a rate such as 200MiB/s, 10Gbit/s or unlimited');
  return part.value * factor;
}

/** Whole nanoseconds, not negative. */
export function parseTime(text: string | number, where: string): number {
  const part = split(String(text));
  // Nothing is nothing in every unit.
  const factor = part && (part.value === 0 && part.unit === '' ? 1 : TIME.get(part.unit));
  const ns = part && factor ? Math.round(part.value * factor) : Number.NaN;
  if (!Number.isSafeInteger(ns))
    refuse(where, String(text), 'a time such as 80us, 1.5ms or 2s (104 days at most)');
  return ns;
}

/** A fraction from `0%`…`100%` or `0`…`1`. `otherwise`: what else is allowed there, for the message. */
export function parseFraction(text: string | number, where: string, otherwise = ''): number {
  const part = typeof text === 'number' ? { value: text, unit: '' } : split(text);
  const scale = part?.unit === '%' ? 100 : part?.unit === '' ? 1 : Number.NaN;
  const value = part ? part.value / scale : Number.NaN;
  if (!(value >= 0 && value <= 1)) refuse(where, String(text), `a share from 0% to 100%${otherwise}`);
  return value;
}

/** Three significant digits; whole from 100 on. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The greatest unit in which the rounded number is 1 or more; `units` from the smallest, with its size. */
function scaled(value: number, units: readonly (readonly [number, string])[]): string {
  const fits = units.filter(([size]) => Math.abs(value) >= size);
  const index = Math.max(0, fits.length - 1);
  const number = rounded(value / units[index]![0]);
  const next = units[index + 1];
  const [size, unit] = next && Math.abs(number) * units[index]![0] >= next[0] ? next : units[index]!;
  return `${rounded(value / size)} ${unit}`;
}

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'].map(
  (unit, power) => [KI ** power, unit] as const,
);
const TIME_UNITS = [
  [1, 'ns'],
  [1e3, 'µs'],
  [1e6, 'ms'],
  [1e9, 's'],
] as const;

/** `33554432` → `32 MiB`. */
export function formatSize(bytes: number): string {
  return scaled(bytes, SIZE_UNITS);
}

/** `209715200` → `200 MiB/s`; Infinity → `unlimited`. */
export function formatRate(bytesPerS: number): string {
  return Number.isFinite(bytesPerS) ? `${formatSize(bytesPerS)}/s` : 'unlimited';
}

/** Nanoseconds with a fitting unit and three significant digits: `1500000` → `1.5 ms`. No time at all has the unit of most others. */
export function formatTime(ns: number): string {
  return ns === 0 ? '0 ms' : scaled(ns, TIME_UNITS);
}

/** Text whose numbers are not parted from their units where lines are broken at blanks. */
export function keepUnits(text: string): string {
  return text.replace(/(\d) (?=(?:[mµn]?s|[KMGTP]?i?B|%)(?![a-zA-Z]))/g, '$1\u00a0');
}

/** Milliseconds for files and JSON: of whole nanoseconds, so six decimals at most and no noise of a double's last digits. */
export function toMs(ns: number): number {
  return Math.round(ns) / 1e6;
}
