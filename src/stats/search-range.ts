/** The settings among which a search looks. */

/** Settings are whole numbers; `geometric`: ratios count, not differences. */
export interface Range {
  readonly lowest: number;
  readonly highest: number;
  readonly start: number;
  readonly geometric: boolean;
}

/** How far a search goes in one step outwards: so many times as far as before. */
export const GROWTH = 4;

/** The setting halfway between two. */
export function between(a: number, b: number, geometric: boolean): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  const middle =
    geometric && high > GROWTH * Math.max(1, low) ? Math.sqrt(Math.max(1, low) * high) : (low + high) / 2;
  return Math.min(high - 1, Math.max(low + 1, Math.floor(middle)));
}
