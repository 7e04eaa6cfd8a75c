/**
 * From a tree (a parsed YAML file) to named values: walks the tree along a table of fields, refuses keys the table
 * does not know, takes values out of their citations, and parses each by its kind.
 */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';
import { type Field, parseField } from './kinds.js';
import { didYouMean } from './suggest.js';

/** A value as it was written, and where, for messages. */
export interface Raw {
  readonly raw: unknown;
  readonly where: string;
}

/** Raw values by path. Later layers win: preset, then scenario file, then flags. */
export type Layer = ReadonlyMap<string, Raw>;

/** What stands beside a value: how it is known and from where. */
const CITATION_KEYS = ['mark', 'source', 'note'] as const;
export const MARKS = ['measured', 'vendor', 'estimate'] as const;

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
  fields: readonly Field[],
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
        layer.set(path, { raw: uncited(value), where: `${where}: ${path}` });
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

/** Parsed values by path, with the checks of their kinds behind them. */
export class Values {
  private readonly map: ReadonlyMap<string, unknown>;

  constructor(map: ReadonlyMap<string, unknown>) {
    this.map = map;
  }

  has(path: string): boolean {
    return this.map.has(path);
  }

  /** The value in the type its kind gives it (kinds.ts). */
  get<T>(path: string): T {
    return this.map.get(path) as T;
  }

  number(path: string): number {
    return this.map.get(path) as number;
  }

  text(path: string): string {
    return this.map.get(path) as string;
  }
}

/** Parses every field from the last layer that has it, or from its default. `name` says what lacks a required value. */
export function readFields(fields: readonly Field[], layers: readonly Layer[], name: string): Values {
  const values = new Map<string, unknown>();
  for (const field of fields) {
    const given = layers.findLast((layer) => layer.has(field.path))?.get(field.path);
    if (given) values.set(field.path, parseField(field, given.raw, given.where));
    else if (field.default !== undefined)
      values.set(field.path, parseField(field, field.default, field.path));
    else if (!field.optional) throw new InputError(`${name}: ${field.path} is missing (${field.help})`);
  }
  return new Values(values);
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
