/** Kinds of value that are more than one number: latencies, size mixes, address patterns, arrivals. */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';
import { parseFraction, parseSize, parseTime } from '../../base/units.js';
import type { ArrivalSpec, LatencySpec, PatternSpec, SizeMix } from '../../sim/parameters/value-types.js';
import { latencyOf } from '../../sim/storage/latency.js';
import { didYouMean } from './suggest.js';

const has = (map: Tree, keys: readonly string[]): boolean =>
  Object.keys(map).length === keys.length && keys.every((key) => map[key] !== undefined);
const text = (raw: unknown): string =>
  typeof raw === 'string' || typeof raw === 'number' ? String(raw) : '';

function refuse(where: string, raw: unknown, allowed: string): never {
  const given = typeof raw === 'string' ? `'${raw}'` : JSON.stringify(raw);
  throw new InputError(`${where}: ${given} is not ${allowed}`);
}

function positive(raw: unknown, where: string, allowed: string): number {
  const value = /^\d+(\.\d+)?$/.test(text(raw)) ? Number(raw) : Number.NaN;
  return value > 0 ? value : refuse(where, raw, allowed);
}

const LATENCY = "a time, {p50: …, p99: …}, {mean: …} or {bins: {'107us': 3, …}}";

/** `1ms` constant; `{p50, p99}` lognormal; `{mean}` exponential; `{bins}` empirical (time: count). */
export function parseLatency(raw: unknown, where: string): LatencySpec {
  if (!isTree(raw)) return { kind: 'constant', ns: parseTime(text(raw), where) };
  if (has(raw, ['p50', 'p99'])) {
    const p50Ns = parseTime(text(raw.p50), `${where}.p50`);
    const p99Ns = parseTime(text(raw.p99), `${where}.p99`);
    if (!(p50Ns > 0 && p99Ns >= p50Ns)) refuse(where, raw, 'two times with 0 < p50 <= p99');
    return p50Ns === p99Ns ? { kind: 'constant', ns: p50Ns } : { kind: 'lognormal', p50Ns, p99Ns };
  }
  if (has(raw, ['mean'])) return { kind: 'exponential', meanNs: parseTime(text(raw.mean), `${where}.mean`) };
  if (has(raw, ['bins']) && isTree(raw.bins)) return histogram(raw.bins, `${where}.bins`);
  return refuse(where, raw, LATENCY);
}

function histogram(bins: Tree, where: string): LatencySpec {
  const rows = Object.entries(bins).map(([time, count]) => ({
    ns: parseTime(time, where),
    count: positive(count, `${where}.${time}`, 'a count above 0'),
  }));
  if (rows.length === 0) refuse(where, bins, 'at least one bin');
  rows.sort((a, b) => a.ns - b.ns);
  return { kind: 'histogram', ns: rows.map((row) => row.ns), counts: rows.map((row) => row.count) };
}

/** The mean of a latency in ns: what sums of many ops follow. */
export const latencyMeanNs = (latency: LatencySpec): number => latencyOf(latency).meanNs;

/** More than any guest sends in one request (Linux: 32 MiB); a write costs as much as it has granules. */
const WRITE_MAX_BYTES: number = 64 * 2 ** 20;

/** `4k`, or a mix `{4k: 60%, 64k: 40%}`; weights are normalised by the model. */
export function parseSizes(raw: unknown, where: string): SizeMix {
  const rows = isTree(raw)
    ? Object.entries(raw).map(([size, weight]) => ({
        bytes: parseSize(size, where),
        weight: parseFraction(text(weight), `${where}.${size}`),
      }))
    : [{ bytes: parseSize(text(raw), where), weight: 1 }];
  const ok = rows.length > 0 && rows.every((row) => row.bytes > 0) && rows.some((row) => row.weight > 0);
  if (!ok) refuse(where, raw, 'a size such as 4k, or shares of sizes such as {4k: 60%, 64k: 40%}');
  if (rows.some((row) => row.bytes > WRITE_MAX_BYTES))
    refuse(where, raw, 'a size of at most 64M: no guest sends larger writes');
  return rows.filter((row) => row.weight > 0);
}

const STREAMS_MAX = 65_536;
const PATTERNS = ['uniform', 'zipf', 'sequential', 'hotspot'];
const PATTERN = 'uniform, zipf[:theta], sequential[:streams] or hotspot[:space/writes]';

/** `uniform`, `zipf:0.99`, `sequential:4`, `hotspot:10/90` (10% of the space takes 90% of the writes), or `{zones: […]}`. */
export function parsePattern(raw: unknown, where: string): PatternSpec {
  if (isTree(raw)) return zones(raw, where);
  const [name = '', argument] = text(raw).split(':');
  if (!PATTERNS.includes(name))
    throw new InputError(`${where}: '${text(raw)}' is not ${PATTERN}${didYouMean(name, PATTERNS)}`);
  if (name === 'uniform' && argument === undefined) return { kind: 'uniform' };
  if (name === 'zipf')
    return { kind: 'zipf', theta: positive(argument ?? '0.99', where, `${PATTERN} (theta above 0)`) };
  if (name === 'sequential') {
    const streams = positive(argument ?? '1', where, `${PATTERN} (streams: a whole number)`);
    const ok = Number.isInteger(streams) && streams <= STREAMS_MAX;
    return ok
      ? { kind: 'sequential', streams }
      : refuse(where, raw, `${PATTERN} (at most ${STREAMS_MAX} streams)`);
  }
  const [space = '', writes = ''] = (argument ?? '10/90').split('/');
  return hotspot(Number(space) / 100, Number(writes) / 100, where, raw);
}

function hotspot(space: number, writes: number, where: string, raw: unknown): PatternSpec {
  if (!(space > 0 && space < 1 && writes > 0 && writes <= 1)) refuse(where, raw, PATTERN);
  return {
    kind: 'zones',
    zones: [
      { space, writes },
      { space: 1 - space, writes: 1 - writes },
    ],
  };
}

function zones(raw: Tree, where: string): PatternSpec {
  const list = has(raw, ['zones']) && Array.isArray(raw.zones) ? (raw.zones as unknown[]) : [];
  const parsed = list.map((zone, i) => {
    if (!isTree(zone) || !has(zone, ['space', 'writes']))
      refuse(`${where}.zones[${i}]`, zone, '{space: 10%, writes: 90%}');
    return {
      space: parseFraction(text(zone.space), `${where}.zones[${i}].space`),
      writes: parseFraction(text(zone.writes), `${where}.zones[${i}].writes`),
    };
  });
  const sum = (key: 'space' | 'writes'): number => parsed.reduce((total, zone) => total + zone[key], 0);
  const ok = parsed.length > 0 && Math.abs(sum('space') - 1) < 1e-9 && Math.abs(sum('writes') - 1) < 1e-9;
  if (!ok || parsed.some((zone) => zone.space === 0))
    refuse(where, raw, 'zones whose spaces (each above 0) and writes add up to 100%');
  return { kind: 'zones', zones: parsed };
}

const ARRIVALS = 'poisson, deterministic, {h2: {p1: 0.9, fast: 0.1}} or {on: 1s, off: 9s}';

/** How the gaps between writes are distributed; the mean gap follows from the rate. */
export function parseArrivals(raw: unknown, where: string): ArrivalSpec {
  if (raw === 'poisson' || raw === 'deterministic') return { kind: raw };
  if (isTree(raw) && has(raw, ['on', 'off'])) {
    const onNs = parseTime(text(raw.on), `${where}.on`);
    const offNs = parseTime(text(raw.off), `${where}.off`);
    return onNs > 0 ? { kind: 'on-off', onNs, offNs } : refuse(where, raw, ARRIVALS);
  }
  if (isTree(raw) && has(raw, ['h2']) && isTree(raw.h2) && has(raw.h2, ['p1', 'fast'])) {
    const p1 = parseFraction(text(raw.h2.p1), `${where}.h2.p1`);
    const fast = positive(raw.h2.fast, `${where}.h2.fast`, 'above 0');
    if (!(p1 > 0 && p1 < 1 && p1 * fast < 1)) refuse(where, raw, 'an h2 with 0 < p1 < 1 and p1 * fast < 1');
    return { kind: 'h2', p1, fast };
  }
  return refuse(where, raw, ARRIVALS);
}
