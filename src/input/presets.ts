/** Finds, reads and checks presets: `models/<kind>/<name>.yaml` of this package, or a file of the user's. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError } from '../base/errors.js';
import { hashHex } from '../base/hash.js';
import { isTree, type Tree } from '../base/tree.js';
import { HOST } from '../sim/parameters/host.js';
import { LINK } from '../sim/parameters/link.js';
import { type Row, rowsOf } from '../sim/parameters/row.js';
import { STACK } from './models/stack.js';
import { STORAGE } from './models/storage.js';
import { VM } from './models/vm.js';
import { WORKLOAD } from './models/workload.js';
import { collect, type Layer } from './values/fields.js';
import { isFile, isReadable, readText } from './values/files.js';
import { PACKAGE_ROOT } from './values/package-root.js';
import { didYouMean, oneOf } from './values/suggest.js';
import { parseYaml } from './values/yaml.js';

/** Kinds of preset, and the folder of each. */
export const PRESET_KINDS = {
  storage: { folder: 'storage', rows: rowsOf(STORAGE) },
  workload: { folder: 'workloads', rows: rowsOf(WORKLOAD) },
  vm: { folder: 'vms', rows: rowsOf({ VM }) },
  link: { folder: 'links', rows: rowsOf({ LINK }) },
  host: { folder: 'hosts', rows: rowsOf({ HOST }) },
  stack: { folder: 'stacks', rows: rowsOf({ STACK }) },
} as const satisfies Readonly<Record<string, { folder: string; rows: readonly Row[] }>>;

export type PresetKind = keyof typeof PRESET_KINDS;

export interface Preset {
  readonly kind: PresetKind;
  readonly name: string;
  readonly summary: string;
  /** The values as written, by path. */
  readonly layer: Layer;
  /** The whole file, citations included. */
  readonly tree: Tree;
  readonly file: string;
}

/** Keys of a preset file that are no values. */
const PRESET_TEXT_KEYS: readonly string[] = ['summary', 'sources'];

function presetFolder(kind: PresetKind): string {
  return fileURLToPath(new URL(`models/${PRESET_KINDS[kind].folder}/`, PACKAGE_ROOT));
}

/** Names of the shipped presets of a kind, sorted. */
export function presetNames(kind: PresetKind): readonly string[] {
  return readdirSync(presetFolder(kind))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** The file of a shipped preset, or undefined where the name is none. */
export function shippedPreset(kind: PresetKind, name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) return undefined;
  const file = `${presetFolder(kind)}${name}.yaml`;
  return isFile(file) ? file : undefined;
}

/** The error for a name that is neither a preset nor a file. `otherwise`: what else may stand there. */
export function unknownPreset(kind: PresetKind, name: string, where: string, otherwise = ''): InputError {
  const names = presetNames(kind);
  const allowed = `${oneOf(names)}${otherwise}`;
  return new InputError(`${where}: '${name}' is no file and not ${allowed}${didYouMean(name, names)}`);
}

/**
 * A preset from the text of its file.
 * @internal
 */
export function presetFrom(
  kind: PresetKind,
  name: string,
  tree: unknown,
  file: string,
  where: string,
): Preset {
  if (!isTree(tree)) throw new InputError(`${where}: not a preset; a preset is a list of 'key: value' lines`);
  const layer = collect(tree, PRESET_KINDS[kind].rows, where, PRESET_TEXT_KEYS);
  const summary = typeof tree.summary === 'string' ? tree.summary : '';
  return { kind, name, summary, layer, tree, file };
}

const cache = new Map<string, Promise<Preset>>();

/** Presets parsed by the build (scripts/build.mjs), by the hash of their text; empty where nothing was built. */
let parsed: Tree | undefined;

function parsedByBuild(text: string): unknown {
  if (parsed === undefined) {
    const file = fileURLToPath(new URL('dist/presets.json', PACKAGE_ROOT));
    parsed = isFile(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Tree) : {};
  }
  return parsed[hashHex(text)];
}

async function read(kind: PresetKind, name: string, file: string, where: string): Promise<Preset> {
  const text = readText(file, where);
  return presetFrom(kind, name, parsedByBuild(text) ?? (await parseYaml(text, where)), file, where);
}

/** A shipped preset by name or a preset file by path. Shipped ones are read once. */
export function loadPreset(
  kind: PresetKind,
  nameOrFile: string,
  where: string,
  otherwise = '',
): Promise<Preset> {
  const shipped = shippedPreset(kind, nameOrFile);
  if (shipped === undefined) {
    if (!isReadable(nameOrFile)) throw unknownPreset(kind, nameOrFile, where, otherwise);
    return read(kind, nameOrFile, nameOrFile, `${where}: ${nameOrFile}`);
  }
  const known = cache.get(shipped);
  if (known) return known;
  const preset = read(kind, nameOrFile, shipped, `models/${PRESET_KINDS[kind].folder}/${nameOrFile}.yaml`);
  cache.set(shipped, preset);
  return preset;
}
