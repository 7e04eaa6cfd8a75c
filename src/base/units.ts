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
const SIZE: Record<string, number> = { '': 1, b: 1 };
for (const [power, letter] of ['k', 'm', 'g', 't', 'p'].entries()) {
  SIZE[letter] = KI ** (power + 1);
  SIZE[`${letter}ib`] = KI ** (power + 1);
  SIZE[`${letter}b`] = 1000 ** (power + 1);
}
const BIT_RATE: Record<string, number> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9, tbit: 1e12 };
const TIME: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

function split(text: string): { value: number; unit: string } | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s?([a-zA-Zµ%/]*)\s*$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]);
  return Number.isFinite(value) ? { value, unit: match[2]! } : undefined;
}

function refuse(where: string, given: string, allowed: string): never {
  throw new InputError(`${where}: '${given}' is not ${allowed}`);
}

/** Bytes, a positive whole number up to 2^53. `where` names the flag or key for the error. */
export function parseSize(text: string | number, where: string): number {
  const part = split(String(text));
  const factor = part && SIZE[part.unit.toLowerCase()];
  const bytes = part && factor ? part.value * factor : Number.NaN;
  if (!Number.isSafeInteger(bytes)) refuse(where, String(text), 'a size such as 64k, 30MB or 16TiB');
  return bytes;
}

/** Bytes per second; `unlimited` is Infinity. */
export function parseRate(text: string | number, where: string): number {
  if (String(text).trim() === 'unlimited') return Number.POSITIVE_INFINITY;
  const part = split(String(text));
  const unit = part?.unit.toLowerCase() ?? '';
  const perSecond = unit.endsWith('/s') ? unit.slice(0, -2) : undefined;
  const bits = perSecond === undefined ? undefined : BIT_RATE[perSecond];
  const factor = perSecond === undefined ? undefined : bits === undefined ? SIZE[perSecond] : bits / 8;
  if (!part || factor === undefined || perSecond === '' || part.value <= 0)
    refuse(where, String(text), 'a rate such as 200MiB/s, 10Gbit/s or unlimited');
  return part.value * factor;
}

/** Whole nanoseconds, not negative. */
export function parseTime(text: string | number, where: string): number {
  const part = split(String(text));
  const factor = part && TIME[part.unit];
  if (!part || factor === undefined) refuse(where, String(text), 'a time such as 80us, 1.5ms or 2s');
  return Math.round(part.value * factor);
}

/** A fraction from `0%`…`100%` or `0`…`1`. */
export function parseFraction(text: string | number, where: string): number {
  const part = split(String(text));
  const value = !part
    ? Number.NaN
    : part.unit === '%'
      ? part.value / 100
      : part.unit === ''
        ? part.value
        : Number.NaN;
  if (!(value >= 0 && value <= 1)) refuse(where, String(text), 'a share from 0% to 100%');
  return value;
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let power = 0;
  while (power < units.length - 1 && value >= base ** (power + 1)) power++;
  const number = value / base ** power;
  return `${number >= 100 || Number.isInteger(number) ? Math.round(number) : Number(number.toPrecision(3))} ${units[power]}`;
}

/** `33554432` → `32 MiB`. */
export function formatSize(bytes: number): string {
  return scaled(bytes, KI, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

/** `209715200` → `200 MiB/s`; Infinity → `unlimited`. */
export function formatRate(bytesPerS: number): string {
  return Number.isFinite(bytesPerS) ? `${formatSize(bytesPerS)}/s` : 'unlimited';
}

/** Nanoseconds with a fitting unit and three significant digits: `1500000` → `1.5 ms`. */
export function formatTime(ns: number): string {
  const steps: readonly [number, string][] = [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
  ];
  for (const [size, unit] of steps) {
    if (Math.abs(ns) >= size) {
      const value = ns / size;
      return `${Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`;
    }
  }
  return `${Math.round(ns)} ns`;
}
