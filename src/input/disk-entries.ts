/**
 * The list of disks as it was written, from all layers: entries of a file or of flags, and single values set over them
 * (`--set disks.0.size=1T`, axes of a sweep). Each entry becomes a layer over what is said of all disks.
 */
import { InputError } from '../base/errors.js';
import { isTree, type Tree } from '../base/tree.js';
import type { Row } from '../sim/parameters/row.js';
import { BACKING_KEYS, DISK_KEYS, diskPath, GROUP_KEYS } from './parameters/disk-list.js';
import { SITUATION } from './parameters/situation.js';
import type { Layer, Raw } from './values/fields.js';
import { didYouMean } from './values/suggest.js';

/** Values of one disk, image or group by its keys; lists of groups and of images under `bitmaps` and `backing`. */
export type Entry = Map<string, Raw | Entry[]>;

/** What may stand in an entry: single values, and lists of entries. */
interface Shape {
  readonly keys: Readonly<Record<string, Row>>;
  readonly lists: Readonly<Record<string, Shape>>;
}

const GROUP: Shape = { keys: GROUP_KEYS, lists: {} };
const IMAGE: Shape = { keys: BACKING_KEYS, lists: { bitmaps: GROUP } };
const DISK: Shape = { keys: DISK_KEYS, lists: { bitmaps: GROUP, backing: IMAGE } };

/** Flags that are called otherwise than the key. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['dirty-layout', 'layout'],
  ['disks', 'count'],
]);

const LISTS_MAX = 256;

/** `4T:bitmaps=3,granularity=16k` as a tree. */
function treeOfText(text: string, where: string): Tree {
  const [size = '', rest] = text.split(/:(.*)/s);
  const pairs = rest === undefined || rest === '' ? [] : rest.split(',');
  const own = pairs.map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1)
      throw new InputError(`${where}: '${pair}' is not key=value, such as 4T:bitmaps=3,granularity=16k`);
    const key = pair.slice(0, equals).trim();
    return [ALIASES.get(key) ?? key, pair.slice(equals + 1).trim()] as const;
  });
  return { ...(size.trim() !== '' && { size: size.trim() }), ...Object.fromEntries(own) };
}

function listOf(raw: unknown, shape: Shape, where: string): Entry[] {
  if (!Array.isArray(raw) || raw.length === 0)
    throw new InputError(`${where}: not a list of '- key: value' entries`);
  if (raw.length > LISTS_MAX) throw new InputError(`${where}: ${raw.length} entries, at most ${LISTS_MAX}`);
  return raw.map((item: unknown, i) => {
    const isFlag = where.startsWith('--') && typeof item === 'string';
    const at = isFlag ? `${where} ${item}` : `${where}.${i}`;
    const tree = typeof item === 'string' && shape === DISK ? treeOfText(item, at) : item;
    if (!isTree(tree)) throw new InputError(`${at}: not a list of 'key: value' lines`);
    return entryOf(tree, shape, (key) => (isFlag ? `${at}: ${key}` : `${at}.${key}`));
  });
}

function entryOf(tree: Tree, { keys, lists }: Shape, whereOf: (key: string) => string): Entry {
  const entry: Entry = new Map();
  for (const [key, raw] of Object.entries(tree)) {
    const where = whereOf(key);
    const inner = Object.hasOwn(lists, key) ? lists[key] : undefined;
    if (inner && (Array.isArray(raw) || !Object.hasOwn(keys, key))) entry.set(key, listOf(raw, inner, where));
    else if (Object.hasOwn(keys, key)) entry.set(key, { raw, where });
    else {
      const known = [...Object.keys(keys), ...Object.keys(lists)];
      throw new InputError(
        `${where}: unknown key '${key}'${didYouMean(key, known)}; a disk has ${known.join(', ')}`,
      );
    }
  }
  return entry;
}

/** Puts one value over an entry of the list. */
function setValue(list: Entry[], steps: readonly (string | number)[], value: Raw): void {
  const [index, key, ...rest] = steps as readonly [number, string, ...(string | number)[]];
  const entry = list[index];
  if (!entry) {
    const last = list.length - 1;
    throw new InputError(
      `${value.where}: there is no number ${index}, ${last === 0 ? 'only 0' : `they are 0 to ${last}`}`,
    );
  }
  if (rest.length === 0) {
    entry.set(key, value);
    return;
  }
  const inner = entry.get(key);
  if (!Array.isArray(inner)) throw new InputError(`${value.where}: ${key} is no list in this disk`);
  setValue(inner, rest, value);
}

/** The list of disks that the layers make, the later wins; undefined: all disks are alike. */
export function diskEntries(layers: readonly Layer[], alike: number): readonly Entry[] | undefined {
  const told = layers.filter((layer) => layer.has(SITUATION.disks.path));
  const [first, second] = told.map((layer) => layer.get(SITUATION.disks.path)!);
  if (second)
    throw new InputError(
      `${second.where}: ${first!.where} lists the disks already; change one with disks.0.size=… or take its list out`,
    );
  const settings = layers.flatMap((layer) => [...layer].filter(([path]) => diskPath(path)));
  if (!first && settings.length === 0) return undefined;
  const list = first
    ? listOf(first.raw, DISK, first.where)
    : Array.from({ length: alike }, (): Entry => new Map());
  for (const [path, value] of settings) setValue(list, diskPath(path)!.steps, value);
  return list;
}

/** What an entry says, as a layer: by the paths that say it of all disks. Lists are left out. */
export function layerOf(entry: Entry, keys: Readonly<Record<string, Row>>): Layer {
  const layer = new Map<string, Raw>();
  for (const [key, value] of entry) {
    const row = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (row && !Array.isArray(value)) layer.set(row.path, value);
  }
  return layer;
}
