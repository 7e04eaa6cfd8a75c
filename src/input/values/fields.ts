/**
 * From a tree (a parsed YAML file) to named values: walks the tree along a table of fields, refuses keys the table
 * does not know, takes values out of their citations, and parses each by its kind.
 */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';
import { parseFraction } from '../../base/units.js';
import type { Groups, Row, Rows, Spec, Specs } from '../../sim/parameters/row.js';
import { parseRow } from './kinds.js';
import { didYouMean } from './suggest.js';

/** A value as it was written, and where, for messages. */
export interface Raw {
  readonly raw: unknown;
  readonly where: string;
  /** How far the value varies between what it stands for, in its own unit or as a share of it. */
  readonly spread?: unknown;
  /** How it is known, where that is told. */
  readonly mark?: unknown;
}

/** Raw values by path. Later layers win: preset, then scenario file, then flags. */
export type Layer = ReadonlyMap<string, Raw>;

/** What stands beside a value: how it is known and from where. */
const CITATION_KEYS = ['mark', 'source', 'note', 'spread'] as const;
export const MARKS = ['measured', 'vendor', 'estimate', 'reported'] as const;

/** The value of a value `{value: 1ms, mark, source}` or `{p50: …, p99: …, mark, source}`; anything else as it is. */
function uncited(node: unknown): unknown {
  if (!isTree(node)) return node;
  const rest = Object.fromEntries(
    Object.entries(node).filter(([key]) => !(CITATION_KEYS as readonly string[]).includes(key)),
  );
  const keys = Object.keys(rest);
  return keys.length === 1 && keys[0] === 'value' ? rest.value : rest;
}

/** The raw values of the tree, by path. A key that is no field and leads to none is an error. */
export function collect(
  tree: unknown,
  fields: readonly Row[],
  where: string,
  ignore: readonly string[] = [],
): Layer {
  const leaves = new Set(fields.map((field) => field.path));
  const inner = new Set<string>();
  for (const path of leaves) {
    for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1))
      inner.add(path.slice(0, dot));
  }
  const layer = new Map<string, Raw>();
  const visit = (node: Tree, prefix: string): void => {
    for (const [key, value] of Object.entries(node)) {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      if (prefix === '' && ignore.includes(key)) continue;
      if (leaves.has(path) && !(inner.has(path) && isTree(value)))
        layer.set(path, {
          raw: uncited(value),
          where: `${where}: ${path}`,
          ...(isTree(value) && value.spread !== undefined && { spread: value.spread }),
          ...(isTree(value) && value.mark !== undefined && { mark: value.mark }),
        });
      else if (inner.has(path) && isTree(value)) visit(value, path);
      else if (inner.has(path))
        throw new InputError(`${where}: ${path} holds several values, give them as 'key: value' below it`);
      else throw new InputError(`${where}: unknown key '${path}'${didYouMean(path, [...inner, ...leaves])}`);
    }
  };
  if (!isTree(tree)) throw new InputError(`${where}: not a list of 'key: value' lines`);
  visit(tree, '');
  return layer;
}

/** Defaults as their rows' values: the same for every situation, and a study resolves thousands of them. */
const defaults = new WeakMap<Row, unknown>();

function defaultOf(row: Row): unknown {
  if (!defaults.has(row)) defaults.set(row, parseRow(row, row.default, row.path));
  return defaults.get(row);
}

/** The value of a row as it is stated: from the last layer that has it, or its default; undefined where it may be left out. */
export function readRow(row: Row, layers: readonly Layer[], name: string): unknown {
  const given = layers.findLast((layer) => layer.has(row.path))?.get(row.path);
  if (given) return parseRow(row, given.raw, given.where);
  if (row.default !== undefined) return defaultOf(row);
  if (row.optional) return undefined;
  throw new InputError(`${name}: ${row.path} is missing (${row.help})`);
}

/** What a record of rows says, as its `Spec`: the one way from layers to the model. `name` says what lacks a required value. */
export function readSpec<R extends Rows>(record: R, layers: readonly Layer[], name: string): Spec<R> {
  const read = Object.entries(record).flatMap(([field, row]) => {
    const value = readRow(row, layers, name);
    if (value === undefined) return [];
    return [[field, row.per === undefined ? value : (value as number) / row.per] as const];
  });
  return Object.fromEntries(read) as Spec<R>;
}

/** The spread beside a value, in base units: given in the value's own unit, or as a share of it (`10%`). */
export function spreadOf(row: Row, { spread, where }: Raw, value: number): number {
  const at = `${where}: spread`;
  const text = String(spread);
  if (/%\s*$/.test(text)) return parseFraction(text, at) * value;
  const { min: _, max: __, ...free } = row;
  const parsed = parseRow({ ...free, kind: row.kind === 'latency' ? 'time' : row.kind }, spread, at);
  if (typeof parsed === 'number' && Number.isFinite(parsed)) return parsed;
  throw new InputError(`${at}: '${text}' is not a share, nor a number in the unit of the value`);
}

/** The spreads that stand beside the values of a record, in the unit of its `Spec`; a value given without one has none. */
export function readSpreads<R extends Rows>(
  record: R,
  layers: readonly Layer[],
): Partial<Record<keyof R, number>> {
  const read = Object.entries(record).flatMap(([field, row]) => {
    const given = layers.findLast((layer) => layer.has(row.path))?.get(row.path);
    if (given?.spread === undefined) return [];
    const spread = spreadOf(row, given, parseRow(row, given.raw, given.where) as number);
    return [[field, spread / (row.per ?? 1)] as const];
  });
  return Object.fromEntries(read) as Partial<Record<keyof R, number>>;
}

/** The same of several records, in order. */
export function readSpecs<G extends Groups>(groups: G, layers: readonly Layer[], name: string): Specs<G> {
  const read = Object.entries(groups).map(([part, record]) => [part, readSpec(record, layers, name)]);
  return Object.fromEntries(read) as Specs<G>;
}

/** The part of a layer below a prefix, with the prefix taken off: `storage.write.latency` → `write.latency`. */
export function below(layer: Layer, prefix: string): Layer {
  const start = `${prefix}.`;
  return new Map(
    [...layer]
      .filter(([path]) => path.startsWith(start))
      .map(([path, raw]) => [path.slice(start.length), raw]),
  );
}
