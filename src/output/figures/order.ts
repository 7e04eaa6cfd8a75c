/** The order of the values of a column: numbers ascending, and what is not limited after them. */

const UNLIMITED = 'unlimited';
const numberOf = (text: string): number =>
  text === UNLIMITED ? Number.POSITIVE_INFINITY : text === '' ? Number.NaN : Number(text);

/** Whether all are numbers, some of them perhaps without a limit. */
export function areNumbers(values: readonly string[]): boolean {
  const numbers = values.map(numberOf);
  return numbers.some(Number.isFinite) && !numbers.some(Number.isNaN);
}

/** Numbers from the least to the most. */
export function ascending(values: readonly string[]): string[] {
  return [...values].sort((a, b) => (numberOf(a) < numberOf(b) ? -1 : Number(numberOf(a) > numberOf(b))));
}
