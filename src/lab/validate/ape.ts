/** Absolute percentage errors, as fractions (0.012 is 1.2 %). */
import { quantile } from 'simple-statistics';

export interface ApeSummary {
  readonly n: number;
  readonly median_ape: number | null;
  readonly p90_ape: number | null;
  readonly max_ape: number | null;
}

export function summariseApe(apes: readonly number[]): ApeSummary {
  if (apes.length === 0) return { n: 0, median_ape: null, p90_ape: null, max_ape: null };
  const list = [...apes];
  return {
    n: list.length,
    median_ape: quantile(list, 0.5),
    p90_ape: quantile(list, 0.9),
    max_ape: Math.max(...list),
  };
}
