/**
 * Zones whose first-touch curve is that of a trace. A zone of m granules of which each is touched λ times per write has
 * m·(1 − e^(−λn)) of them set after n writes; the curve of a trace is taken as a sum of such zones, λ on a logarithmic
 * grid, m by least squares without negative values. No zones give a curve that bends upwards: the error says so.
 */
import type { TouchSample } from './touch-sample.js';

export interface FittedZone {
  readonly granules: number;
  /** Share of the writes. */
  readonly writes: number;
}

const RATES = 24;
const POINTS = 200;
const ROUNDS = 2000;
/** A round that moves no zone by more than this share of all granules is the last. */
const SETTLED = 1e-5;
const COOLING = 0.7;
/** Granules of a region to which one more would be an error of its own. */
const SMALL = 16;
/** Touches of each granule of the coldest zone in the whole trace: from a zone 10 times what is set in it to 2.5 times. */
const COLDEST = [0.1, 0.2, 0.5];

/** Samples at equal steps of writes, and the early part at growing steps. */
export function thinned(samples: readonly TouchSample[]): TouchSample[] {
  const chosen = new Set<number>([samples.length - 1]);
  for (let i = 0; i < POINTS; i++) {
    chosen.add(Math.floor((i * samples.length) / POINTS));
    chosen.add(Math.floor(samples.length ** (i / POINTS)) - 1);
  }
  return [...chosen].sort((a, b) => a - b).map((i) => samples[i]!);
}

const product = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** min |A m - d| with m >= 0, by coordinate descent on the normal equations; A is given by columns. */
function nonNegative(columns: readonly Float64Array[], d: Float64Array): Float64Array {
  const m = new Float64Array(columns.length);
  const gram = columns.map((a) => Float64Array.from(columns, (b) => product(a, b)));
  // What is left of the right side: A'd - A'A m.
  const rest = Float64Array.from(columns, (column) => product(column, d));
  const settled = SETTLED * d.reduce((most, value) => Math.max(most, value), 0);
  for (let round = 0, moved = Number.POSITIVE_INFINITY; round < ROUNDS && moved > settled; round++) {
    moved = 0;
    for (let j = 0; j < m.length; j++) {
      const next = Math.max(0, m[j]! + rest[j]! / gram[j]![j]!);
      const change = next - m[j]!;
      if (change === 0) continue;
      moved = Math.max(moved, Math.abs(change));
      m[j] = next;
      for (let i = 0; i < rest.length; i++) rest[i] = rest[i]! - change * gram[j]![i]!;
    }
  }
  return m;
}

interface RatedZone {
  readonly granules: number;
  /** Touches of each granule per write. */
  readonly rate: number;
}

const touchesOf = (zones: readonly RatedZone[]): number =>
  zones.reduce((touches, { granules, rate }) => touches + granules * rate, 0);

/** Zones with no rate above `most`, hottest first. */
function zonesUpTo(points: readonly TouchSample[], most: number, least: number): RatedZone[] {
  const rates = Array.from({ length: RATES }, (_, j) => most * (least / most) ** (j / (RATES - 1)));
  const columns = rates.map((rate) =>
    Float64Array.from(points, ({ writes }) => 1 - Math.exp(-rate * writes)),
  );
  const sizes = nonNegative(
    columns,
    Float64Array.from(points, ({ granules }) => granules),
  );
  return rates
    .map((rate, j) => ({ granules: Math.round(sizes[j]!), rate }))
    .filter(({ granules }) => granules > 0);
}

/** What no zone needs are rewrites: they go to one granule hot enough to be set at once; in a small region, to one of its own. */
function withRewrites(zones: readonly RatedZone[], idle: number): RatedZone[] {
  const [hottest, ...others] = zones;
  const granules = zones.reduce((sum, zone) => sum + zone.granules, 0);
  if (hottest === undefined || granules >= SMALL) return [{ granules: 1, rate: idle }, ...zones];
  const rest = hottest.granules > 1 ? [{ ...hottest, granules: hottest.granules - 1 }] : [];
  return [{ granules: 1, rate: idle + hottest.rate }, ...rest, ...others];
}

/** Zones of one region, hottest first. */
export interface FittedZones {
  readonly zones: readonly FittedZone[];
  readonly granules: number;
}

/**
 * `points`: the region's curve over the writes of the whole trace; `touchesPerWrite`: granules that one of these touches
 * in the region, on average; `room`: granules from the region's first to its last. Writes that hardly ever come back
 * need a zone far larger than what they set, so the coldest rate is as low as the room allows.
 */
export function fitZones(points: readonly TouchSample[], touchesPerWrite: number, room: number): FittedZones {
  const fits = COLDEST.map((coldest) => zonesDownTo(coldest, points, touchesPerWrite));
  return fits.find(({ granules }) => granules <= room) ?? fits.at(-1)!;
}

function zonesDownTo(coldest: number, points: readonly TouchSample[], touchesPerWrite: number): FittedZones {
  const total = points.at(-1)!.writes;
  const least = coldest / total;
  let most = Math.max(1 / 8, 1 / total);
  let zones = zonesUpTo(points, most, least);
  // A zone that is set at once fits as well with a lower rate: lower it until there are enough touches for all zones.
  while (touchesOf(zones) > touchesPerWrite && most > 4 * least) {
    most *= COOLING;
    zones = zonesUpTo(points, most, least);
  }
  const idle = touchesPerWrite - touchesOf(zones);
  if (idle > 0 || zones.length === 0) zones = withRewrites(zones, Math.max(idle, least));
  const sum = touchesOf(zones);
  return {
    zones: zones.map(({ granules, rate }) => ({ granules, writes: (granules * rate) / sum })),
    granules: zones.reduce((all, zone) => all + zone.granules, 0),
  };
}
