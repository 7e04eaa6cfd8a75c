/**
 * The situation that a command speaks of, told in the same words to each of them: a scenario file, any flag over it, and
 * `--set path=value` over both.
 */
import type { Argv } from 'yargs';
import { isTree, type Tree } from '../base/tree.js';
import type { Resolved } from '../input/resolve.js';
import { overridesFromArgv, parameterOptions } from './parameter-options.js';
import { note } from './stderr.js';

export interface SituationFlags extends Readonly<Record<string, unknown>> {
  readonly scenario: string | undefined;
  readonly set: readonly string[] | undefined;
}

/** The positional of commands that can do without a file. */
export function scenarioPositional<T>(
  parser: Argv<T>,
  describe = 'scenario file (YAML; `stopgap schema scenario`); flags and --set go over it',
): Argv<T> {
  return parser.positional('scenario', { type: 'string', describe }) as Argv<T>;
}

/** The options; the scenario file is a positional of the command. */
export function situationOptions<T>(parser: Argv<T>): Argv<T> {
  return parser.options(parameterOptions()).option('set', {
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
    group: 'Situation:',
    describe: 'path=value of any parameter, over file and flags; repeatable (list parameters)',
  }) as Argv<T>;
}

/** What the user told. */
export interface Told {
  readonly file: string | undefined;
  readonly input: unknown;
  readonly flags: Tree;
  readonly settings: Tree;
}

/** Reads the scenario file and sorts flags and settings. */
export async function toldBy(flags: SituationFlags): Promise<Told> {
  const { parseSettings } = await import('../input/values/settings.js');
  const file = flags.scenario;
  const input = file === undefined ? {} : await scenarioIn(file);
  const settings = Object.fromEntries(parseSettings(flags.set ?? []));
  return { file, input, flags: overridesFromArgv(flags), settings };
}

/** Whether the file, a flag or a setting says it; `path` has one step. */
export function isTold({ input, flags, settings }: Told, path: string): boolean {
  return [input, flags, settings].some((told) => isTree(told) && told[path] !== undefined);
}

async function scenarioIn(file: string): Promise<unknown> {
  const [{ readText }, { parseYaml }] = await Promise.all([
    import('../input/values/files.js'),
    import('../input/values/yaml.js'),
  ]);
  return parseYaml(readText(file, 'scenario'), file);
}

/** The situation with `varied` set over everything that was told. */
export async function resolveVaried({ file, input, flags, settings }: Told, varied: Tree): Promise<Resolved> {
  const { resolveTree } = await import('../input/resolve.js');
  const options = { ...(file === undefined ? {} : { file }), settings: { ...settings, ...varied } };
  return resolveTree(input, flags, options);
}

/** The situation, its notes held for stderr. `over`: what stands in place of flags, as each of several storages. */
export async function resolveTold(told: Told, over: Tree = {}): Promise<Resolved> {
  const resolved = await resolveVaried({ ...told, flags: { ...told.flags, ...over } }, {});
  for (const text of resolved.notes) note(text);
  return resolved;
}
