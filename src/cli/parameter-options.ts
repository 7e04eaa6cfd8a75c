import type { Options } from 'yargs';
import type { Tree } from '../base/tree.js';
import { PARAMETERS } from '../input/parameters.js';

/** The flags of every parameter that has one, for yargs. All values stay text: units and ranges are checked by the resolver. */
export function parameterOptions(): Record<string, Options> {
  const options: Record<string, Options> = {};
  for (const { flag, help, default: standard, kind, choices } of PARAMETERS) {
    if (flag === undefined) continue;
    const description = choices ? `${help} (${choices.join(', ')})` : help;
    const defaultDescription = standard === undefined ? {} : { defaultDescription: String(standard) };
    options[flag] =
      kind === 'names'
        ? { type: 'string', array: true, requiresArg: true, description, ...defaultDescription }
        : { type: 'string', requiresArg: true, description, ...defaultDescription };
  }
  return options;
}

/** The parameters that were given on the command line, by path: the second argument of `resolveTree`. */
export function overridesFromArgv(argv: Tree): Tree {
  const overrides: Record<string, unknown> = {};
  for (const { flag, path, kind } of PARAMETERS) {
    const given = flag === undefined ? undefined : argv[flag];
    if (given === undefined) continue;
    // A flag given twice: yargs makes a list of it; the last one counts, as in most programs.
    overrides[path] = Array.isArray(given) && kind !== 'names' ? given.at(-1) : given;
  }
  return overrides;
}
