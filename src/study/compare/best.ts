/** How probable it is of each system that it is the best (least). */
import { summarisePaired } from '../../stats/paired.js';
import { studentTail } from '../../stats/student.js';

/** P(its mean is below that of the leader), from their paired differences; a half where they are the same. */
function chanceAgainst(values: readonly number[], leader: readonly number[]): number {
  const n = Math.min(values.length, leader.length);
  const { mean, sd } = summarisePaired(values.slice(0, n), leader.slice(0, n));
  if (!Number.isFinite(mean)) return 0;
  if (sd === null || sd === 0) return mean > 0 ? 0 : mean < 0 ? 1 : 0.5;
  return studentTail((mean / sd) * Math.sqrt(n), n - 1);
}

const odds = (chance: number): number => Math.min(chance, 0.5) / (1 - Math.min(chance, 0.5));

/** The probabilities of all systems, which add up to 1; `leader` is the one with the least mean. */
export function bestChances(samples: readonly (readonly number[])[], leader: number): readonly number[] {
  const weights = samples.map((values, i) =>
    i === leader ? 1 : odds(chanceAgainst(values, samples[leader]!)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
