/** The flags of every parameter that has one, in groups as a reader of the help looks for them. */
import type { Options } from 'yargs';
import type { Tree } from '../base/tree.js';
import { BASE, PARAMETERS } from '../input/parameters.js';
import { rowsOf } from '../sim/parameters/row.js';

const DISK = 'disk';
const ONE_BY_ONE =
  '; given again, or with values of its own, 4T:bitmaps=3,granularity=16k,storage=NAME, one disk of several (keys: docs/model.md)';

/** Group of the first pattern that the path fits. */
const GROUPS: readonly (readonly [title: string, paths: RegExp])[] = [
  ['Situation:', /^(?:vm|disk|bitmaps|image)\b/],
  ['Storage:', /^(?:storage|flush)\b/],
  ['Guest:', /^(?:workload|ram)\b/],
  ['Migration:', /^(?:stack|migration|mirror|link|host|qemu|vms|parallel)\b/],
];
/** Of what an answer looks like and how sure it is. */
export const OUTPUT_GROUP = 'Output:';
const OF_STUDY = new Set(rowsOf({ study: BASE.study }).map(({ path }) => path));

function groupOf(path: string): string {
  if (OF_STUDY.has(path)) return OUTPUT_GROUP;
  return GROUPS.find(([, paths]) => paths.test(path))?.[0] ?? 'Strategies:';
}

/** Given again, these add: several storages are compared, several files read together. */
const REPEATABLE: readonly string[] = ['storage'];

/** The flags, for yargs. All values stay text: units and ranges are checked by the resolver. */
export function parameterOptions(): Record<string, Options> {
  const options: Record<string, Options> = {};
  for (const { flag, path, help, default: standard, kind, choices } of PARAMETERS) {
    if (flag === undefined) continue;
    const more = flag === DISK ? ONE_BY_ONE : '';
    const description = (choices ? `${help} (${choices.join(', ')})` : help) + more;
    const defaultDescription = standard === undefined ? {} : { defaultDescription: String(standard) };
    // One value for each flag where flags repeat: what follows may be the scenario.
    const one = kind === 'files' || REPEATABLE.includes(flag);
    const several = one ? { array: true, nargs: 1 } : kind === 'names' ? { array: true } : {};
    const group = groupOf(path);
    options[flag] = {
      type: 'string',
      requiresArg: true,
      description,
      group,
      ...defaultDescription,
      ...several,
    };
  }
  return options;
}

/** The parameters that were given on the command line, by path: the second argument of `resolveTree`. */
export function overridesFromArgv(argv: Tree): Tree {
  const overrides: Record<string, unknown> = {};
  for (const { flag, path, kind } of PARAMETERS) {
    const given = flag === undefined ? undefined : argv[flag];
    if (given === undefined) continue;
    if (flag === DISK) Object.assign(overrides, disksOf([given].flat().map(String)));
    else overrides[path] = Array.isArray(given) && kind === 'text' ? given.join(',') : given;
  }
  return overrides;
}

/** `--disk 4T` is the size of all disks; with values of its own, or given again, each is one disk of a list. */
function disksOf(given: readonly string[]): Tree {
  const [only, second] = given;
  return second === undefined && !only!.includes(':') ? { 'disk.size': only } : { disks: given };
}
