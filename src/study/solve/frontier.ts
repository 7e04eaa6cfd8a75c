/** Two quantities that trade against each other: for each value of the first, the root of the second. */
import { InputError } from '../../base/errors.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { type Labelled, labelled } from '../run.js';
import { type Quantity, shownAt, startOf, textAt, within } from './quantity.js';
import { type SolveInput, solveFor } from './solve.js';
import type { Solved } from './solved.js';

type Root = Pick<Solved, 'state' | 'sense' | 'value' | 'lo' | 'hi' | 'runs'>;

export interface FrontierPoint extends Root {
  /** The value of the first quantity. */
  readonly at: number;
}

export interface Frontier extends Labelled {
  readonly quantities: readonly [string, string];
  readonly units: readonly [string, string];
  readonly paths: readonly [string, string];
  readonly criterion: string;
  readonly points: readonly FrontierPoint[];
  readonly runs: number;
}

/** How far to each side of its own value the first quantity is taken. */
const SPAN = 16;

/** Steps of the first quantity around where the situation stands, by equal ratios; those that fall together once. */
function stepsAround({ steps }: Quantity, start: number, points: number): number[] {
  const share = (i: number): number => (2 * i) / (points - 1) - 1;
  const at = (i: number): number =>
    steps.geometric ? Math.max(1, start) * SPAN ** share(i) : start + Math.log2(SPAN) * share(i);
  const all = Array.from({ length: points }, (_, i) => Math.round(at(i)));
  const inside = all.map((step) => Math.min(steps.highest, Math.max(steps.lowest, step)));
  return [...new Set(inside)];
}

/** The frontier of one strategy. Values of the first quantity that are not allowed are left out. */
export async function frontierOf(
  input: SolveInput,
  [asked, second]: readonly [Quantity, Quantity],
  spec: StrategySpec,
  count: number,
): Promise<Frontier> {
  const base = await input.situation({});
  const first = within(asked, base);
  const start = startOf(first, base);
  const found = await Promise.all(
    stepsAround(first, start, count).map(async (step): Promise<FrontierPoint | InputError> => {
      const fixed = { [first.parameter.path]: textAt(first, step) };
      const situation: SolveInput['situation'] = (settings) => input.situation({ ...fixed, ...settings });
      const root = await solveFor({ ...input, situation }, second, spec).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        return error;
      });
      if (root instanceof InputError) return root;
      const { state, sense, value, lo, hi, runs } = root;
      return { at: shownAt(first, step), state, sense, value, lo, hi, runs };
    }),
  );
  const points = found.flatMap((each) => (each instanceof InputError ? [] : [each]));
  const refused = found.find((each) => each instanceof InputError);
  if (points.length === 0 && refused) throw refused;
  return {
    quantities: [first.name, second.name],
    units: [first.unit, second.unit],
    paths: [first.parameter.path, second.parameter.path],
    ...labelled(spec),
    criterion: input.criterion.text,
    points,
    runs: points.reduce((sum, { runs }) => sum + runs, 0),
  };
}
