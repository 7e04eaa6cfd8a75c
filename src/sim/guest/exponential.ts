/**
 * Exponential variates by the ziggurat method (G. Marsaglia and W. W. Tsang, "The Ziggurat Method for Generating
 * Random Variables", J. Stat. Softw. 5(8), 2000), 256 layers of equal area under e^-x. One word a draw in 98.9 % of
 * the draws: the low 8 bits choose the layer, the other 24 the place in it, so that the two are independent.
 */
import type { WordSource } from './word-source.js';

const LAYERS = 256;
/** Where the tail begins, and the area of each layer (tail included in the lowest). */
const TAIL = 7.69711747013105;
const AREA = 0.003949659822581572;
const SCALE = 2 ** 24;

const accept = new Float64Array(LAYERS);
const width = new Float64Array(LAYERS);
const height = new Float64Array(LAYERS);

function build(): void {
  const q = AREA / Math.exp(-TAIL);
  let x = TAIL;
  let below = TAIL;
  accept[0] = (x / q) * SCALE;
  accept[1] = 0;
  width[0] = q / SCALE;
  width[LAYERS - 1] = x / SCALE;
  height[0] = 1;
  height[LAYERS - 1] = Math.exp(-x);
  for (let i = LAYERS - 2; i >= 1; i--) {
    x = -Math.log(AREA / x + Math.exp(-x));
    accept[i + 1] = (x / below) * SCALE;
    below = x;
    height[i] = Math.exp(-x);
    width[i] = x / SCALE;
  }
}
build();

/** An exponential variate of mean 1. */
export function exponential(source: WordSource): number {
  const word = source.uint32();
  const layer = word & (LAYERS - 1);
  const place = word >>> 8;
  return place < accept[layer]! ? place * width[layer]! : beyond(layer, place, source);
}

/** The rest of a draw whose place does not lie wholly under the curve. */
function beyond(layer: number, place: number, source: WordSource): number {
  if (layer === 0) return TAIL - Math.log(1 - source.uniform());
  const x = place * width[layer]!;
  const y = height[layer]! + source.uniform() * (height[layer - 1]! - height[layer]!);
  return y < Math.exp(-x) ? x : exponential(source);
}

interface Sums {
  readonly start: number;
  readonly mean: number;
  /** A word for each variate; the rare draws that need more take them from `rare`. */
  readonly words: Uint32Array;
  readonly rare: WordSource;
}

/** `n` exponential variates of this mean, each added to the sum of those before it, from `start` on. */
export function exponentialSums(out: Float64Array, n: number, { start, mean, words, rare }: Sums): void {
  let sum = start;
  for (let i = 0; i < n; i++) {
    const word = words[i]!;
    const layer = word & (LAYERS - 1);
    const place = word >>> 8;
    const x = place < accept[layer]! ? place * width[layer]! : beyond(layer, place, rare);
    sum += x * mean;
    out[i] = sum;
  }
}
