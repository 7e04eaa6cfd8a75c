import type { Options } from 'yargs';
import type { Tree } from '../base/tree.js';
import { PARAMETERS } from '../input/parameters.js';

const DISK = 'disk';
const ONE_BY_ONE =
  '; given again, or with values of its own, 4T:bitmaps=3,granularity=16k,storage=NAME, one disk of several (keys: docs/model.md)';

/** The flags of every parameter that has one, for yargs. All values stay text: units and ranges are checked by the resolver. */
export function parameterOptions(): Record<string, Options> {
  const options: Record<string, Options> = {};
  for (const { flag, help, default: standard, kind, choices } of PARAMETERS) {
    if (flag === undefined) continue;
    const more = flag === DISK ? ONE_BY_ONE : '';
    const description = (choices ? `${help} (${choices.join(', ')})` : help) + more;
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
  for (const { flag, path } of PARAMETERS) {
    const given = flag === undefined ? undefined : argv[flag];
    if (given === undefined) continue;
    if (flag === DISK) Object.assign(overrides, disksOf([given].flat().map(String)));
    else overrides[path] = given;
  }
  return overrides;
}

/** `--disk 4T` is the size of all disks; with values of its own, or given again, each is one disk of a list. */
function disksOf(given: readonly string[]): Tree {
  const [only, second] = given;
  return second === undefined && !only!.includes(':') ? { 'disk.size': only } : { disks: given };
}
