/** Numbers as files take them: exact, where units.ts rounds for readers. */

/** Decimal text without an exponent; `digits` above 0. */
export const decimal = (value: number, digits: number): string => value.toFixed(digits).replace(/\.?0+$/, '');

/** A share as a percentage of so many decimals. */
export const percent = (share: number, digits: number): string => `${decimal(share * 100, digits)}%`;

/** A size in the largest binary unit that states it exactly; a number where that is bytes. */
export function exactSize(bytes: number): string | number {
  for (const [unit, factor] of [
    ['T', 2 ** 40],
    ['G', 2 ** 30],
    ['M', 2 ** 20],
    ['k', 2 ** 10],
  ] as const)
    if (bytes % factor === 0 && bytes > 0) return `${bytes / factor}${unit}`;
  return bytes;
}
