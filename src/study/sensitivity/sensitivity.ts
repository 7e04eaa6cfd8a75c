/** What drives the answer: how much of the variance of the stop each input explains, and where the verdict flips. */
import { InputError } from '../../base/errors.js';
import { namedStream, type Rng } from '../../kernel/rng.js';
import { metricRow } from '../../sim/machine/measure.js';
import type { Interval } from '../../stats/interval.js';
import { type ElementaryEffects, elementaryEffects, morrisWalks } from '../../stats/morris.js';
import { type Box, findBox } from '../../stats/prim.js';
import { type Group, type SobolIndex, saltelliDesign, singles, sobolIndices } from '../../stats/saltelli.js';
import { SOBOL_DIMENSIONS_MAX } from '../../stats/sobol.js';
import { type Labelled, labelled } from '../run.js';
import { type Evaluated, type EvaluationInput, Evaluations } from './evaluate.js';
import type { Factor } from './factor.js';
import { boxWords, sentenceOf } from './words.js';

export interface SensitivityInput extends EvaluationInput {
  /** Base points of the Sobol sequence, and walks of the screening. */
  readonly samples: number;
  readonly walks: number;
}

export interface InputIndex extends SobolIndex {
  readonly path: string;
  readonly morris_mu_star: number;
  readonly morris_mu: number;
  readonly morris_sigma: number;
}

/** Inputs that the screening found idle, changed together: what they all do is known, and so the most that each does. */
export interface Others {
  readonly paths: readonly string[];
  readonly total: number;
  readonly total_ci95: Interval;
}

export interface Sensitivity extends Labelled {
  /** The column whose variance is explained. */
  readonly output: string;
  readonly indices: readonly InputIndex[];
  /** Null where each input was changed by itself. */
  readonly others: Others | null;
  readonly samples: number;
  readonly runs: number;
  /** Share of the settings at which the stop exceeds the budget. */
  readonly over_budget: number;
  readonly sentence: string;
  /** Where the verdict flips, in words; null where it does not, or no box holds it. */
  readonly box: string | null;
}

/** Refuses what no design can hold. */
export function checkFactors(factors: readonly Factor[]): void {
  const most = Math.floor(SOBOL_DIMENSIONS_MAX / 2);
  if (factors.length > most)
    throw new InputError(`--vary: ${factors.length} parameters, at most ${most} can be varied together`);
  const twice = factors.find(({ path }, i) => factors.findIndex((other) => other.path === path) < i);
  if (twice) throw new InputError(`--vary: ${twice.path} is given twice`);
}

type StreamOf = (name: string) => Rng;

/** The effects of each input along random walks. */
async function screened(
  { factors, walks }: SensitivityInput,
  evaluations: Evaluations,
  stream: StreamOf,
): Promise<readonly ElementaryEffects[]> {
  const screening = morrisWalks(factors.length, walks, stream('morris'));
  const walked = await evaluations.at(screening.flatMap((walk) => walk.points));
  const length = factors.length + 1;
  return elementaryEffects(
    screening,
    screening.map((_, w) => walked.slice(w * length, (w + 1) * length).map(({ value }) => value)),
  );
}

/** An input whose effect is below this share of the largest is idle: it explains about the square of that share. */
const IDLE = 0.03;
/** If the idle ones together may explain more than this, the screening was wrong, and each is changed by itself. */
const NEGLIGIBLE = 0.01;

/** The idle inputs; none where there are too few to save anything. */
function idleOf(effects: readonly ElementaryEffects[]): Group {
  const largest = Math.max(...effects.map(({ muStar }) => muStar));
  const idle = effects.flatMap(({ muStar }, i) => (muStar <= IDLE * largest ? [i] : []));
  return idle.length > 1 ? idle : [];
}

interface Explained {
  readonly points: readonly (readonly number[])[];
  readonly evaluated: readonly Evaluated[];
  /** By group. */
  readonly indices: readonly SobolIndex[];
}

async function explained(
  { factors, samples }: SensitivityInput,
  evaluations: Evaluations,
  stream: StreamOf,
  groups: readonly Group[],
): Promise<Explained> {
  const design = saltelliDesign(factors.length, samples, stream('sobol'), groups);
  const evaluated = await evaluations.at(design.points);
  const values = evaluated.map(({ value }) => value);
  return { points: design.points, evaluated, indices: sobolIndices(design, values, stream('bootstrap')) };
}

/** An idle input explains nothing that shows, and no more than all of them together. */
function atMost({ total_ci95: [, high] }: SobolIndex): SobolIndex {
  const bound: Interval = [0, Math.max(0, high)];
  return { first: 0, first_ci95: bound, total: 0, total_ci95: bound };
}

/** Runs both designs and says what they tell. */
export async function sensitivity(input: SensitivityInput): Promise<Sensitivity> {
  const { factors, spec, metric, samples } = input;
  const { seed } = await input.situation({});
  const stream: StreamOf = (name) => namedStream(seed, 0, `sensitivity/${name}`);
  const evaluations = new Evaluations(input);
  const effects = await screened(input, evaluations, stream);
  const all = singles(factors.length);
  let idle = idleOf(effects);
  let groups = idle.length === 0 ? all : [...all.filter(([i]) => !idle.includes(i!)), idle];
  let found = await explained(input, evaluations, stream, groups);
  if (idle.length > 0 && found.indices.at(-1)!.total_ci95[1] > NEGLIGIBLE) {
    [idle, groups] = [[], all];
    found = await explained(input, evaluations, stream, groups);
  }
  const together = found.indices.at(-1)!;
  const indices = factors.map(({ path }, i): InputIndex => {
    const { muStar, mu, sigma } = effects[i]!;
    const alone = groups.findIndex((group) => group.length === 1 && group[0] === i);
    const index = idle.includes(i) ? atMost(together) : found.indices[alone]!;
    return { path, ...index, morris_mu_star: muStar, morris_mu: mu, morris_sigma: sigma };
  });
  const hits = found.evaluated.map(({ over }) => over);
  const box: Box | undefined = findBox(found.points, hits);
  const { total, total_ci95 } = together;
  return {
    output: metricRow(metric).column,
    ...labelled(spec),
    indices,
    others: idle.length === 0 ? null : { paths: idle.map((i) => factors[i]!.path), total, total_ci95 },
    samples,
    runs: evaluations.runs,
    over_budget: hits.filter(Boolean).length / hits.length,
    sentence: sentenceOf(
      indices,
      factors,
      found.evaluated.map(({ value }) => value),
    ),
    box: box === undefined ? null : boxWords(box, factors),
  };
}
