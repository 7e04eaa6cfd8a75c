/** Says of whose intervals they were made from too few runs (stats/too-few.ts). */
export function tooFewText(whose: readonly string[]): string {
  return `Too few runs for the ± of ${whose.join(', ')}: the sample is so small or skewed that it holds less often than 95 times in 100 (more: --replications or --precision).`;
}
