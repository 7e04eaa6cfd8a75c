/**
 * The law of a sum of independent quantities, on a grid: the characteristic function of each is taken to the power of how
 * often it occurs, their product is turned back (fast Fourier transform). Drawn by inversion, one uniform number a draw.
 *
 * Errors: a quantity is put on the grid so that its mean stays (each value is divided between its two neighbours), which
 * adds a sixth of a step squared to its variance; what is beyond the window (probability 1e-8) comes round to its other
 * end. At the end the grid is shifted and stretched so that mean and variance are exact.
 */
import { type Complex, complexZeros, multiply, power, transform } from './fourier.js';
import type { Rng } from './rng.js';
import type { Spread } from './spread.js';

/** A quantity that occurs so often in the sum, each time multiplied by the factor. */
export interface Part {
  readonly spread: Spread;
  readonly count: number;
  readonly factor: number;
}

/** Half a window, in standard deviations, and what may lie beyond it. */
const WIDTH = 10;
const BEYOND = 1e-8;
const BINS_LEAST = 2048;
const BINS_MOST = 65_536;
/**
 * Bins between the quartiles at least: the distribution function is then right to 2e-4. Where a quantity ends abruptly it is
 * off by up to 1e-3; what is left of RAM does, and is not put on a grid (mixture.ts).
 */
const BODY_BINS = 48;
/** Below it nothing is told apart from rounding. */
const NEGLIGIBLE = 1e-14;
const GUIDES = 1024;

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/** A distribution on equal bins; within a bin it is even. */
export class Law {
  readonly mean: number;
  readonly variance: number;
  /** Lower end of the first bin, and their width. */
  private readonly from: number;
  private readonly width: number;
  /** The probability up to and with each bin. */
  private readonly upTo: Float64Array;
  /** The integral of the probability of more, from the lower end of each bin on. */
  private readonly beyond: Float64Array;
  /** For each of GUIDES equal parts of 0..1 the bin in which it begins. */
  private readonly guide = new Uint32Array(GUIDES);

  /** Of so many bins of this width; where they lie follows from the mean. */
  constructor(weights: Float64Array, step: number, moments: Moments) {
    this.mean = moments.mean;
    this.variance = moments.variance;
    let [first, last] = [0, weights.length - 1];
    while (first < last && weights[first]! < NEGLIGIBLE) first++;
    while (last > first && weights[last]! < NEGLIGIBLE) last--;
    const kept = weights.subarray(first, last + 1);
    let [sum, mean, square] = [0, 0, 0];
    for (const weight of kept) sum += Math.max(0, weight);
    for (let i = 0; i < kept.length; i++) mean += (i * Math.max(0, kept[i]!)) / sum;
    for (let i = 0; i < kept.length; i++) square += ((i - mean) ** 2 * Math.max(0, kept[i]!)) / sum;
    const stretch = Math.sqrt(moments.variance / (square + 1 / 12)) / step;
    this.width = step * stretch;
    this.from = moments.mean - (mean + 0.5) * this.width;
    this.upTo = new Float64Array(kept.length);
    let below = 0;
    for (let i = 0; i < kept.length; i++) this.upTo[i] = below += Math.max(0, kept[i]!) / sum;
    this.upTo[kept.length - 1] = 1;
    this.beyond = new Float64Array(kept.length + 1);
    for (let i = kept.length - 1; i >= 0; i--) {
      const inside = 1 - (this.upTo[i]! + (i > 0 ? this.upTo[i - 1]! : 0)) / 2;
      this.beyond[i] = this.beyond[i + 1]! + inside * this.width;
    }
    for (let g = 0, bin = 0; g < GUIDES; g++) {
      while (this.upTo[bin]! < g / GUIDES) bin++;
      this.guide[g] = bin;
    }
  }

  /** Bins between the quartiles. */
  get bodyBins(): number {
    return (this.quantile(0.75) - this.quantile(0.25)) / this.width;
  }

  draw(rng: Rng): number {
    return this.quantile(rng.uniform());
  }

  /** The value that is not exceeded with this probability. */
  quantile(probability: number): number {
    const { upTo } = this;
    let bin = this.guide[Math.min(GUIDES - 1, Math.floor(probability * GUIDES))]!;
    while (upTo[bin]! < probability) bin++;
    const below = bin > 0 ? upTo[bin - 1]! : 0;
    const inside = upTo[bin]! - below;
    return this.from + this.width * (bin + (inside > 0 ? (probability - below) / inside : 0));
  }

  /** The probability of more than this. */
  exceeding(value: number): number {
    const at = (value - this.from) / this.width;
    const bin = Math.floor(at);
    if (bin < 0) return 1;
    if (bin >= this.upTo.length) return 0;
    const below = bin > 0 ? this.upTo[bin - 1]! : 0;
    return 1 - (below + (at - bin) * (this.upTo[bin]! - below));
  }

  /** How much more than this it is in the mean, where less counts as nothing: the integral of `exceeding` from here on. */
  excess(value: number): number {
    const at = (value - this.from) / this.width;
    const bin = Math.floor(at);
    if (bin < 0) return this.beyond[0]! - at * this.width;
    if (bin >= this.upTo.length) return 0;
    const here = this.exceeding(value);
    const end = 1 - this.upTo[bin]!;
    return this.beyond[bin + 1]! + ((here + end) / 2) * (bin + 1 - at) * this.width;
  }
}

/** A part on its way to the grid. */
interface Placed extends Part {
  /** Practically never less than the first, nor more than the second. */
  readonly least: number;
  readonly most: number;
}

/** The largest value that the quantity practically never falls short of. */
function leastOf({ shortfall, mean, variance }: Spread): number {
  const nothing = NEGLIGIBLE * Math.sqrt(variance);
  let [low, high] = [0, mean];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (shortfall(middle) <= nothing) low = middle;
    else high = middle;
  }
  return low;
}

const wrapped = (index: number, bins: number): number => ((index % bins) + bins) % bins;

/** The probabilities of one quantity on the grid, from its least value on, in either direction. */
function latticed({ spread, factor, least, most }: Placed, step: number, bins: number): Complex {
  const grid = complexZeros(bins);
  const each = step / Math.abs(factor);
  const last = Math.max(1, Math.ceil((most - least) / each));
  let [before, here, sum] = [0, 0, 0];
  for (let j = 0; j <= last; j++) {
    const next = spread.shortfall(least + (j + 1) * each);
    const weight = j === last ? 1 - sum : Math.max(0, (next - 2 * here + before) / each);
    const at = wrapped(factor < 0 ? -j : j, bins);
    grid.re[at] = grid.re[at]! + weight;
    sum += weight;
    [before, here] = [here, next];
  }
  return grid;
}

/** How far a sum may lie above its mean, and below it. */
function reach(placed: readonly Placed[], deviation: number): { above: number; under: number } {
  let [longAbove, longUnder, allAbove, allUnder] = [0, 0, 0, 0];
  for (const { spread, count, factor, least, most } of placed) {
    const up = Math.abs(factor) * (most - spread.mean);
    const down = Math.abs(factor) * (spread.mean - least);
    const [above, under] = factor > 0 ? [up, down] : [down, up];
    // One that is far off takes the whole sum with it, where its tail is long.
    longAbove = Math.max(longAbove, above);
    longUnder = Math.max(longUnder, under);
    allAbove += count * above;
    allUnder += count * under;
  }
  const usual = WIDTH * deviation;
  return {
    above: Math.min(allAbove, Math.max(usual, longAbove)),
    under: Math.min(allUnder, Math.max(usual, longUnder)),
  };
}

/** The law of the sum of all parts and a constant; some part must vary. Null: the tails are too long for any grid. */
export function lawOfSum(parts: readonly Part[], constant: number): Law | null {
  const placed: Placed[] = [];
  let [mean, variance] = [constant, 0];
  for (const part of parts) {
    const { spread, count, factor } = part;
    mean += count * factor * spread.mean;
    variance += count * factor ** 2 * spread.variance;
    if (spread.variance === 0 || count === 0) continue;
    placed.push({ ...part, least: leastOf(spread), most: spread.tail(BEYOND / count) });
  }
  const { above, under } = reach(placed, Math.sqrt(variance));
  for (let bins = BINS_LEAST; bins <= BINS_MOST; bins *= 2) {
    const step = (above + under) / bins;
    const law = onGrid(placed, { from: mean - under, step, bins }, { mean, variance });
    if (law.bodyBins >= BODY_BINS) return law;
  }
  return null;
}

interface Grid {
  readonly from: number;
  readonly step: number;
  readonly bins: number;
}

function onGrid(placed: readonly Placed[], { from, step, bins }: Grid, moments: Moments): Law {
  let product: Complex | undefined;
  // The value of bin 0, before it comes round; constants do not matter, as the mean is known.
  let base = moments.mean;
  for (const part of placed) {
    const grid = latticed(part, step, bins);
    transform(grid);
    const raised = power(grid, part.count);
    if (product) multiply(product, raised);
    else product = raised;
    base -= part.count * part.factor * (part.spread.mean - part.least);
  }
  transform(product!, true);
  const first = Math.ceil((from - base) / step);
  const weights = new Float64Array(bins);
  for (let i = 0; i < bins; i++) weights[i] = product!.re[wrapped(first + i, bins)]!;
  return new Law(weights, step, moments);
}
