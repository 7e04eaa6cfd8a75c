/**
 * Zipf ranks as classes of units with nearly equal rates, for the first-touch engine.
 *
 * Ranks whose weights lie within a ratio of 1 + RATIO are one class with their mean rate. Where several scattered
 * slots share a unit, the rate of a unit is a sum of so many independent draws: the distribution is convolved with
 * itself, on the same scale, means kept exactly.
 *
 * Error: within a class of relative width e the variance of the rate is at most (e mean)^2 / 4, so the expected share
 * of set units is wrong by at most max(x^2 e^-x) / 2 * e^2 / 4 = 0.27 e^2 / 4 of the class: 1.7e-4 for e = 0.05 per
 * rounding (one, and one for each doubling of slots per unit).
 */
import { binomial, zipfNormaliser, zipfTail } from '../../kernel/distributions.js';
import type { ZipfHits } from './hit-rates.js';
import type { WordSource } from './word-source.js';

const RATIO = 0.05;
const PER_LOG = 1 / Math.log1p(RATIO);
/** Classes of fewer units are left out. */
const UNITS_MIN = 1e-9;
/** Bins with less of the whole are left out: no class of UNITS_MIN comes of them, and products of them would underflow. */
const MASS_MIN = 1e-40;
/** Lower rates count as this one: a hit in 10^13 times the age of the universe. */
const PER_NS_MIN = 1e-40;
/** Below this share of the sum before them, ranks are summed by themselves. */
const CANCELS = 1e-6;

/** `units` units (a fraction until rounded) that are hit at this rate. */
export interface RateClass {
  readonly perNs: number;
  readonly units: number;
}

/** A distribution of rates on a logarithmic scale: mass and mass * rate of each bin, the lowest bin first. */
class Bins {
  private readonly lowest: number;
  private readonly mass: Float64Array;
  private readonly moment: Float64Array;

  /** For rates from `low` to `high`. */
  constructor(low: number, high: number) {
    this.lowest = Math.floor(Math.log(low) * PER_LOG) - 1;
    const bins = Math.floor(Math.log(high) * PER_LOG) + 2 - this.lowest;
    this.mass = new Float64Array(bins);
    this.moment = new Float64Array(bins);
  }

  add(rate: number, mass: number): void {
    const bin = Math.floor(Math.log(rate) * PER_LOG) - this.lowest;
    this.mass[bin] = this.mass[bin]! + mass;
    this.moment[bin] = this.moment[bin]! + mass * rate;
  }

  /** Bins with a mass worth mentioning, highest rate first. */
  list(): { rate: number; mass: number }[] {
    const out: { rate: number; mass: number }[] = [];
    for (let bin = this.mass.length - 1; bin >= 0; bin--)
      if (this.mass[bin]! > MASS_MIN)
        out.push({ rate: this.moment[bin]! / this.mass[bin]!, mass: this.mass[bin]! });
    return out;
  }
}

/** Rates of single slots: the first ranks one by one, then ranges of ranks within the ratio. */
function slotBins(slots: number, theta: number, perNs: number): Bins {
  const total = zipfNormaliser(slots, theta);
  const rateOf = (weight: number, ranks = 1): number =>
    Math.max(PER_NS_MIN, (perNs * weight) / total / ranks);
  const bins = new Bins(rateOf(slots ** -theta), rateOf(1));
  let before = 0;
  for (let k = 1; k <= slots; ) {
    const last = Math.min(slots, Math.max(k, Math.floor(k * (1 + RATIO) ** (1 / theta))));
    const upTo = zipfNormaliser(last, theta);
    const ranks = last - k + 1;
    const weight = upTo - before > CANCELS * upTo ? upTo - before : zipfTail(k, last, theta);
    bins.add(rateOf(weight, ranks), ranks / slots);
    before = upTo;
    k = last + 1;
  }
  return bins;
}

function sum(a: Bins, b: Bins): Bins {
  const left = a.list();
  const right = b.list();
  const out = new Bins(left.at(-1)!.rate + right.at(-1)!.rate, left[0]!.rate + right[0]!.rate);
  for (const x of left) for (const y of right) out.add(x.rate + y.rate, x.mass * y.mass);
  return out;
}

/** The last answer: all replications and strategies of a point ask the same. */
let last: { readonly key: string; readonly classes: readonly RateClass[] } | undefined;

/** Classes of units by rate, fastest first; their units sum to those of the stretch. */
export function zipfClasses(hits: ZipfHits): readonly RateClass[] {
  const key = JSON.stringify(hits);
  if (last?.key !== key) last = { key, classes: classesOf(hits) };
  return last.classes;
}

function classesOf(hits: ZipfHits): RateClass[] {
  const units = hits.to - hits.from;
  let power = slotBins(units * hits.slotsPerUnit, hits.theta, hits.perNs);
  let result: Bins | undefined;
  for (let k = hits.slotsPerUnit; ; power = sum(power, power)) {
    if (k % 2 === 1) result = result ? sum(result, power) : power;
    k = Math.floor(k / 2);
    if (k === 0) break;
  }
  return result!
    .list()
    .filter((bin) => bin.mass * units > UNITS_MIN)
    .map((bin) => ({ perNs: bin.rate, units: bin.mass * units }));
}

/** Whole units of each class with the same sum: every class rounded up or down so that the running sum stays true. */
function rounded(classes: readonly RateClass[], units: number, source: WordSource): number[] {
  const offset = source.uniform();
  let exact = 0;
  let given = 0;
  const out = classes.map((c) => {
    exact += c.units;
    const upTo = Math.min(units, Math.floor(exact + offset));
    const mine = upTo - given;
    given = upTo;
    return mine;
  });
  out[out.length - 1] = out[out.length - 1]! + (units - given);
  return out;
}

/**
 * Deals the units of the classes out to stretches in turn, at random, so that all of them are dealt at the end:
 * each class in binomial shares of what is left, the greatest class filling up the stretch.
 */
export function shareClasses(
  classes: readonly RateClass[],
  units: number,
  source: WordSource,
): (wanted: number) => RateClass[] {
  const left = rounded(classes, units, source);
  // The greatest classes first, to take up what the draws are off by.
  const order = left.map((_, i) => i).sort((a, b) => left[b]! - left[a]!);
  let unitsLeft = units;
  return (wanted) => {
    const p = unitsLeft > 0 ? Math.min(1, wanted / unitsLeft) : 1;
    const dealt = left.map((count) => binomial(source, count, p));
    let off = wanted - dealt.reduce((a, b) => a + b, 0);
    // The draws sum to about `wanted`.
    for (const i of order) {
      if (off === 0) break;
      const change = off > 0 ? Math.min(off, left[i]! - dealt[i]!) : -Math.min(-off, dealt[i]!);
      dealt[i] = dealt[i]! + change;
      off -= change;
    }
    unitsLeft -= wanted;
    return dealt.map((count, i) => {
      left[i] = left[i]! - count;
      return { perNs: classes[i]!.perNs, units: count };
    });
  };
}
