/** Situations in which chance takes part, with the root of each that test/study/roots/compute.mjs found. */
import { readFileSync } from 'node:fs';
import { type Overrides, resolveTree } from '../../src/input/resolve.js';
import { migrateMember } from '../../src/sim/evacuation/member.js';
import { quantitiesOf, solveStrategies } from '../../src/study/solve/ask.js';
import type { SolveInput } from '../../src/study/solve/solve.js';
import type { Solved } from '../../src/study/solve/solved.js';

export interface RootSituation {
  readonly name: string;
  readonly quantity: string;
  readonly given: Overrides;
}

/** The last value that fits and the first that does not, as far as 100,000 replications tell them apart. */
export interface KnownRoot {
  readonly fits: number;
  readonly over: number;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`roots/${name}`, import.meta.url), 'utf8'));

export const ROOTS = read('roots.json') as Readonly<Record<string, KnownRoot>>;
export const SITUATIONS = read('situations.json') as readonly RootSituation[];

/** Without the run that others are compared with: only the stop counts here, and there are many. */
const alone: SolveInput['simulate'] = async ({ scenario, strategies, seed, replications }) =>
  replications.map((replication) =>
    strategies.map((spec) => migrateMember(scenario, spec, { seed, replication })),
  );

/** What `solve` finds with the random numbers of a seed. */
export async function solved({ quantity, given }: RootSituation, seed: number): Promise<Solved> {
  const settings = { ...given, strategies: 'store-at-stop', seed };
  const question = {
    quantities: quantitiesOf(quantity),
    quantile: undefined,
    points: 2,
    replications: undefined,
  };
  const situation = (more: Readonly<Record<string, unknown>>) => resolveTree({}, { ...settings, ...more });
  return (await solveStrategies(await situation({}), question, situation, alone)).roots[0]!;
}

/** Whether the interval reaches the root. */
export function covers({ lo, hi }: Solved, { fits, over }: KnownRoot): boolean {
  return lo !== null && hi !== null && lo <= Math.max(fits, over) && Math.min(fits, over) <= hi;
}
