/** The discrete Fourier transform of complex numbers in place: radix 2, after J. W. Cooley and J. W. Tukey (1965). */
import { assert } from '../base/assert.js';

/** Complex numbers, real and imaginary parts apart. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** So many zeros. */
export function complexZeros(length: number): Complex {
  return { re: new Float64Array(length), im: new Float64Array(length) };
}

/** Cosines and sines of the first half turn, by the length of the transform. */
const turns = new Map<number, Complex>();

function turnOf(length: number): Complex {
  const known = turns.get(length);
  if (known) return known;
  const turn = complexZeros(length / 2);
  for (let i = 0; i < length / 2; i++) {
    turn.re[i] = Math.cos((2 * Math.PI * i) / length);
    turn.im[i] = Math.sin((2 * Math.PI * i) / length);
  }
  turns.set(length, turn);
  return turn;
}

function reverseBits({ re, im }: Complex): void {
  const { length } = re;
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j]!, re[i]!];
    [im[i], im[j]] = [im[j]!, im[i]!];
  }
}

/** sum over j of x[j] exp(2 pi i j k / n) in place of x[k]; `back`: with the opposite sign, divided by n. */
export function transform(x: Complex, back = false): void {
  const { re, im } = x;
  const { length } = re;
  assert(length >= 2 && (length & (length - 1)) === 0, `transform of ${length} numbers, not a power of two`);
  const turn = turnOf(length);
  const sign = back ? -1 : 1;
  reverseBits(x);
  for (let half = 1; half < length; half *= 2) {
    const step = length / (2 * half);
    for (let from = 0; from < length; from += 2 * half)
      for (let k = 0; k < half; k++) {
        const [c, s] = [turn.re[k * step]!, sign * turn.im[k * step]!];
        const [a, b] = [from + k, from + k + half];
        const tr = re[b]! * c - im[b]! * s;
        const ti = re[b]! * s + im[b]! * c;
        re[b] = re[a]! - tr;
        im[b] = im[a]! - ti;
        re[a] = re[a]! + tr;
        im[a] = im[a]! + ti;
      }
  }
  if (!back) return;
  for (let i = 0; i < length; i++) {
    re[i] = re[i]! / length;
    im[i] = im[i]! / length;
  }
}

/** x[k] times by[k] in place of x[k]. */
export function multiply(x: Complex, by: Complex): void {
  const { re, im } = x;
  for (let i = 0; i < re.length; i++) {
    const [a, b, c, d] = [re[i]!, im[i]!, by.re[i]!, by.im[i]!];
    re[i] = a * c - b * d;
    im[i] = a * d + b * c;
  }
}

function square({ re, im }: Complex): void {
  for (let i = 0; i < re.length; i++) {
    const [a, b] = [re[i]!, im[i]!];
    re[i] = a * a - b * b;
    im[i] = 2 * a * b;
  }
}

/** x[k] to a whole power, at least the first. */
export function power(x: Complex, exponent: number): Complex {
  const rising = { re: x.re.slice(), im: x.im.slice() };
  let result: Complex | undefined;
  for (let left = exponent; ; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      if (result) multiply(result, rising);
      else result = { re: rising.re.slice(), im: rising.im.slice() };
    }
    if (left <= 1) return result!;
    square(rising);
  }
}
