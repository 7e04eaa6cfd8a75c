/** What the shell offers at the tab key: commands, their options, and the names that an option knows. */
import yargs, { type Argv } from 'yargs';
import { PARAMETERS } from '../input/parameters.js';
import { PRESET_KINDS, type PresetKind, presetNames } from '../input/presets.js';
import { STRATEGIES } from '../sim/strategies/registry.js';
import { COMMANDS } from './commands.js';

/** Of yargs: the names of all options, and the choices of those that have them. */
interface YargsOptions {
  getOptions(): {
    readonly key: Readonly<Record<string, unknown>>;
    readonly choices: Readonly<Record<string, readonly unknown[]>>;
  };
}

const isPresetKind = (name: string): name is PresetKind => Object.hasOwn(PRESET_KINDS, name);

/** The names that may follow `--option`; none where it takes a number or a file. */
function valuesOf(option: string, choices: Readonly<Record<string, readonly unknown[]>>): readonly string[] {
  if (isPresetKind(option)) return presetNames(option);
  if (option === 'strategy') return STRATEGIES.map(({ name }) => name);
  const parameter = PARAMETERS.find(({ flag }) => flag === option);
  return parameter?.choices ?? (choices[option] ?? []).map(String);
}

/** The candidates for the last of the words behind `stopgap`. Where there is none the shell offers file names. */
export async function candidates(words: readonly string[]): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const starting = (all: readonly string[]): readonly string[] =>
    all.filter((each) => each.startsWith(current));
  const [name] = words;
  const entry = words.length > 1 && Object.hasOwn(COMMANDS, name!) ? COMMANDS[name!] : undefined;
  if (entry === undefined)
    return words.length > 1 ? [] : starting([...Object.keys(COMMANDS), 'completion', 'help']);
  const { builder } = await entry.load();
  const parser = yargs([]) as Argv & YargsOptions;
  if (typeof builder === 'function') await builder(parser);
  const { key, choices } = parser.getOptions();
  if (current.startsWith('-'))
    return starting(Object.keys(key).map((option) => (option.length === 1 ? `-${option}` : `--${option}`)));
  const before = words.at(-2)!;
  return before.startsWith('--') ? starting(valuesOf(before.slice(2), choices)) : [];
}
