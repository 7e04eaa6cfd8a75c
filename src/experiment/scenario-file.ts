import { InputError } from '../base/errors.js';
import { isTree } from './fields.js';
import { parseYaml, readText } from './files.js';
import type { ScenarioInput } from './resolve.js';

/** Reads a scenario file (YAML or JSON). Keys and values are checked by `resolve(input, overrides, { file: path })`. */
export async function loadScenario(path: string): Promise<ScenarioInput> {
  const tree = await parseYaml(readText(path, 'scenario'), path);
  if (!isTree(tree))
    throw new InputError(`${path}: not a scenario; a scenario is a list of 'key: value' lines`);
  return tree;
}

/** `path=value` settings (`--set`) as overrides for `resolve`. */
export function parseSettings(settings: readonly string[]): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    if (equals < 1) throw new InputError(`--set: '${setting}' is not path=value, such as disk.size=4T`);
    overrides[setting.slice(0, equals).trim()] = setting.slice(equals + 1).trim();
  }
  return overrides;
}
