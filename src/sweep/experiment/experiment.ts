/** Reads an experiment file and what the command line changes of it. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../base/errors.js';
import { parseFraction } from '../../base/units.js';
import { PARAMETERS, type Parameter, parameterAt } from '../../input/parameters.js';
import { schemaError } from '../../input/schema/errors.js';
import { readText } from '../../input/values/files.js';
import { PACKAGE_ROOT } from '../../input/values/package-root.js';
import { parseSettings } from '../../input/values/settings.js';
import { didYouMean } from '../../input/values/suggest.js';
import { parseYaml } from '../../input/values/yaml.js';
import { type Axis, type AxisSpec, buildAxis, parseAxisFlag } from './axis.js';
import type { Design } from './design.js';
import { type ExperimentFile, experimentSchema, type FigureSpec } from './schema.js';

/** How many replications a point gets: a fixed number, or as many as the precision needs. */
export type RunSize =
  | { readonly kind: 'fixed'; readonly replications: number }
  | {
      readonly kind: 'precision';
      readonly relative: number;
      readonly minimum: number;
      readonly maximum: number;
    };

export interface Experiment {
  /** `01-thirty-megabytes`: the file's name without its end. */
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly base: Readonly<Record<string, unknown>>;
  /** `--set path=value`, over the base and under the axes. */
  readonly set: ReadonlyMap<string, string>;
  readonly axes: readonly Axis[];
  readonly zip: readonly (readonly string[])[];
  readonly constraints: readonly string[];
  readonly derived: Readonly<Record<string, string>>;
  readonly design: Design;
  readonly size: RunSize;
  readonly seed: number;
  readonly figures: readonly FigureSpec[];
  /** The file as parsed, and the overrides: enough to make the same plan again (`repro`, `plot`). */
  readonly source: ExperimentSource;
}

/** What the command line says over the file. */
export interface Overrides {
  readonly quick?: boolean | undefined;
  readonly axis?: readonly string[] | undefined;
  readonly set?: readonly string[] | undefined;
  readonly replications?: number | undefined;
  readonly precision?: string | undefined;
  readonly seed?: number | undefined;
}

export interface ExperimentSource {
  readonly name: string;
  readonly file: ExperimentFile;
  readonly overrides: Overrides;
}

const REPLICATIONS = 30;
/** With fewer, a state that one run in twenty meets may have been met by none (5 %), and all looks settled: minimumN(0.95). */
const MINIMUM = 59;
const MAXIMUM = 1000;

/** The parameter of a path, or an error with the nearest name. */
export function parameterOf(path: string, where: string): Parameter {
  const parameter = parameterAt(path);
  if (parameter) return parameter;
  const names = PARAMETERS.map((p) => p.path);
  throw new InputError(`${where}: unknown parameter '${path}'${didYouMean(path, names)}`);
}

/**
 * Checks the parsed content of an experiment file; `path` names it in messages.
 * @internal
 */
export function checkExperimentFile(tree: unknown, path: string): ExperimentFile {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    throw new InputError(
      `${path}: not an experiment (question, base, axes; see \`stopgap schema experiment\`)`,
    );
  const parsed = experimentSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  throw schemaError(parsed.error, path, Object.keys(experimentSchema.shape));
}

/** `1`, `01` and `01-thirty-megabytes` stand for the shipped file; anything else is a path. */
function experimentPath(given: string): string {
  if (!/^\d{1,2}(-[a-z0-9-]+)?$/.test(given) || existsSync(given)) return given;
  const folder = fileURLToPath(new URL('experiments/', PACKAGE_ROOT));
  const file = existsSync(folder)
    ? readdirSync(folder).find((name) => name.startsWith(given.padStart(2, '0')))
    : undefined;
  if (!file) throw new InputError(`experiment: '${given}' is no file and no number of a shipped experiment`);
  return join(folder, file);
}

/**
 * What results call the experiment of a file: the file's name without its end, fit for one visible folder. `...yaml`
 * would name the folder above, and a line break would be in every message.
 */
function nameOf(path: string): string {
  const name = basename(path)
    .replace(/\.ya?ml$/, '')
    .replace(/^[.\s]+/, '')
    .replace(/[\p{Cc}/\\]/gu, '-');
  return name === '' ? 'experiment' : name;
}

/** Reads an experiment: a file, or the number of a shipped one. */
export async function readExperimentFile(given: string): Promise<ExperimentSource> {
  const path = experimentPath(given);
  const tree = await parseYaml(readText(path, 'experiment'), path);
  return {
    name: nameOf(path),
    file: checkExperimentFile(tree, path),
    overrides: {},
  };
}

function designOf(given: ExperimentFile['design']): Design {
  if (given === 'grid') return { kind: 'grid' };
  return 'sobol' in given
    ? { kind: 'sobol', points: given.sobol }
    : { kind: 'latin-hypercube', points: given['latin-hypercube'] };
}

function sizeOf(file: ExperimentFile, overrides: Overrides): RunSize {
  const quick = overrides.quick ? file.quick : {};
  const maximum = quick['max-replications'] ?? file['max-replications'] ?? MAXIMUM;
  const precision = (given: string | number): RunSize => {
    const relative = parseFraction(given, 'precision');
    if (relative === 0)
      throw new InputError(`precision: '${given}' can never be met, give a share above 0 such as 5%`);
    return { kind: 'precision', relative, minimum: Math.min(MINIMUM, maximum), maximum };
  };
  const both = 'give replications or precision, not both';
  if (overrides.precision !== undefined && overrides.replications !== undefined)
    throw new InputError(`--replications: ${both}`);
  if (overrides.precision !== undefined) return precision(overrides.precision);
  const fixed = overrides.replications ?? quick.replications;
  if (fixed !== undefined) return { kind: 'fixed', replications: fixed };
  const asked = quick.precision ?? file.precision;
  if (asked !== undefined && file.replications !== undefined) throw new InputError(`replications: ${both}`);
  if (asked !== undefined) return precision(asked);
  return { kind: 'fixed', replications: file.replications ?? REPLICATIONS };
}

function axisSpecs(
  file: ExperimentFile,
  overrides: Overrides,
): { path: string; spec: AxisSpec; where: string }[] {
  const specs = new Map<string, { path: string; spec: AxisSpec; where: string }>();
  const put = (path: string, spec: AxisSpec, where: string): void => {
    const known = parameterOf(path, where).path;
    specs.set(known, { path: known, spec, where });
  };
  for (const [path, spec] of Object.entries(file.axes)) put(path, spec, `axes.${path}`);
  const quick = overrides.quick ? (file.quick.axes ?? {}) : {};
  for (const [path, spec] of Object.entries(quick)) put(path, spec, `quick.axes.${path}`);
  for (const flag of overrides.axis ?? []) {
    const { path, values } = parseAxisFlag(flag);
    put(path, values, `--axis ${path}`);
  }
  return [...specs.values()];
}

/** `--set path=value` of the command line, by parameter path. */
function setsOf(overrides: Overrides): ReadonlyMap<string, string> {
  return new Map(
    parseSettings(overrides.set ?? []).map(([path, value]) => [parameterOf(path, '--set').path, value]),
  );
}

/** The experiment with the command line's changes in it. */
export function makeExperiment(
  source: ExperimentSource,
  overrides: Overrides = source.overrides,
): Experiment {
  const { name, file } = source;
  const specs = axisSpecs(file, overrides);
  const swept = new Set(specs.map(({ path }) => path));
  const reserved = ['seed', 'replications'].find((path) => swept.has(path));
  if (reserved) throw new InputError(`axes.${reserved}: cannot be an axis`);
  return {
    name,
    title: file.title ?? name,
    question: file.question.trim(),
    base: file.base,
    set: setsOf(overrides),
    axes: specs.map(({ path, spec, where }) => buildAxis(parameterOf(path, where), spec, where)),
    zip: file.zip,
    constraints: file.constraints,
    derived: file.derived,
    design: designOf((overrides.quick ? file.quick.design : undefined) ?? file.design),
    size: sizeOf(file, overrides),
    seed: overrides.seed ?? file.seed,
    figures: file.figures,
    source: { name, file, overrides },
  };
}

/** Every leaf of a tree as a dotted path. */
function* leafPaths(tree: Readonly<Record<string, unknown>>, prefix = ''): Generator<string> {
  for (const [key, value] of Object.entries(tree)) {
    const path = `${prefix}${key}`;
    if (parameterAt(path)) yield parameterAt(path)!.path;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      yield* leafPaths(value as Record<string, unknown>, `${path}.`);
  }
}

/** The parameters that the experiment sets: in its base, by axes, derived, or with --set. */
export function setPaths(experiment: Experiment): ReadonlySet<string> {
  return new Set([
    ...leafPaths(experiment.base),
    ...experiment.set.keys(),
    ...experiment.axes.map((axis) => axis.path),
    ...Object.keys(experiment.derived),
  ]);
}
