/** 1, 2, 4 …: right up to 2^48, beyond which a neighbour's logarithm may round to a whole number. */
export function isPowerOfTwo(value: number): boolean {
  return value >= 1 && Number.isInteger(Math.log2(value));
}
