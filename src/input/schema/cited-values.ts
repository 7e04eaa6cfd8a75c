/** zod schemas of single values, built from the field tables: plain as in scenario files, or cited as in presets. */
import { z } from 'zod';
import type { Tree } from '../../base/tree.js';
import type { Kind, Row } from '../../sim/parameters/row.js';
import { BACKING_KEYS, DISK_KEYS, GROUP_KEYS } from '../parameters/disk-list.js';
import { MARKS } from '../values/fields.js';

/** `required`: shipped presets; `allowed`: presets of users; `none`: scenario files, where a value stands for itself. */
export type Citations = 'required' | 'allowed' | 'none';

type Shape = Readonly<Record<string, z.ZodType>>;

const scalar = z.union([z.string(), z.number()]);
const CITATION = {
  mark: z.enum(MARKS).meta({
    description:
      'how the value is known: measured (by whom the source says), stated by the vendor, estimated by us, or only reported',
  }),
  source: z.string().min(1).meta({ description: 'a key of sources' }),
};
const NOTE = {
  note: z.string().optional(),
  spread: scalar.optional().meta({
    description:
      'standard deviation between what the value stands for, in its own unit or as a share of it (10%); left out: that of its mark',
  }),
};

/** Forms of the kinds that are more than one number; each is a set of keys beside mark and source. */
const FORMS: Readonly<Partial<Record<Kind, readonly Shape[]>>> = {
  latency: [{ p50: scalar, p99: scalar }, { mean: scalar }, { bins: z.record(z.string(), z.number()) }],
  arrivals: [{ h2: z.strictObject({ p1: scalar, fast: scalar }) }, { on: scalar, off: scalar }],
  pattern: [{ zones: z.array(z.strictObject({ space: scalar, writes: scalar })).min(1) }],
};

/** What stands after `value:`, or for the whole value where nothing is cited. */
function plain(kind: Kind): z.ZodType {
  if (kind === 'switch') return z.union([z.boolean(), z.enum(['on', 'off', 'true', 'false', 'yes', 'no'])]);
  if (kind === 'text' || kind === 'choice') return z.string().min(1);
  if (kind === 'names' || kind === 'files') return z.union([z.string(), z.array(z.string())]);
  if (kind === 'disks') return disksSchema();
  if (kind === 'sizes') return z.union([scalar, z.record(z.string(), scalar)]);
  return scalar;
}

const UNCITED: readonly Kind[] = ['switch', 'text', 'choice', 'release', 'names', 'parts', 'files', 'disks'];

function entrySchema(keys: Readonly<Record<string, Row>>, lists: Shape): z.ZodType {
  const values = Object.entries(keys).map(([key, row]) => {
    const value = valueSchema(row, 'none');
    const either = lists[key] ? z.union([value, lists[key]]) : value;
    return [key, either.meta({ description: row.help }).optional()] as const;
  });
  const others = Object.entries(lists).filter(([key]) => !Object.hasOwn(keys, key));
  return z.strictObject({
    ...Object.fromEntries(values),
    ...Object.fromEntries(others.map(([key, list]) => [key, list.optional()])),
  });
}

/** Disks one by one; a text is the form of the flag. */
function disksSchema(): z.ZodType {
  const bitmaps = z
    .array(entrySchema(GROUP_KEYS, {}))
    .min(1)
    .meta({ description: 'groups of alike bitmaps' });
  const backing = z
    .array(entrySchema(BACKING_KEYS, { bitmaps }))
    .min(1)
    .meta({ description: 'read-only images under the disk, from the nearest down' });
  const disk = entrySchema(DISK_KEYS, { bitmaps, backing });
  return z.array(z.union([z.string(), disk])).min(1);
}

/** The schema of one value of a field. */
export function valueSchema(field: Row, citations: Citations): z.ZodType {
  const { kind } = field;
  const bare =
    kind === 'choice' && field.choices ? z.enum(field.choices as [string, ...string[]]) : plain(kind);
  const forms = (citation: Shape): readonly z.ZodType[] =>
    (FORMS[kind] ?? []).map((form) => z.strictObject({ ...form, ...citation }));
  if (citations === 'none' || !(field.cited ?? !UNCITED.includes(kind))) return z.union([bare, ...forms({})]);
  const optional = { mark: CITATION.mark.optional(), source: CITATION.source.optional(), ...NOTE };
  const citation = citations === 'required' ? { ...CITATION, ...NOTE } : optional;
  const cited = [z.strictObject({ value: bare, ...citation }), ...forms(citation)];
  return citations === 'required' ? z.union(cited) : z.union([bare, ...cited]);
}

function described(schema: z.ZodType, field: Row): z.ZodType {
  const standard = field.default === undefined ? {} : { default: field.default };
  const bounds = field.allowed === undefined ? '' : ` (${field.allowed})`;
  return schema.meta({ description: `${field.help}${bounds}`, ...standard });
}

/** Nested strict objects from a table of dotted paths. A path that is also the head of others is a name or an object. */
export function objectSchema(
  fields: readonly Row[],
  value: (field: Row) => z.ZodType,
  allOptional: boolean,
  extra: Shape = {},
): z.ZodObject {
  const heads = [...new Set(fields.map((field) => field.path.split('.')[0]!))];
  const shape: Record<string, z.ZodType> = {};
  for (const head of heads) {
    const leaf = fields.find((field) => field.path === head);
    const inner = fields
      .filter((field) => field.path.startsWith(`${head}.`))
      .map((field) => ({ ...field, path: field.path.slice(head.length + 1) }));
    const isOptional = (field: Row): boolean =>
      allOptional || field.optional === true || field.default !== undefined;
    if (inner.length === 0) {
      const schema = described(value(leaf!), leaf!);
      shape[head] = isOptional(leaf!) ? schema.optional() : schema;
      continue;
    }
    const named = leaf ? { preset: described(value(leaf), leaf).optional() } : {};
    const nested = objectSchema(inner, value, allOptional, named);
    const schema = leaf ? z.union([described(value(leaf), leaf), nested]) : nested;
    shape[head] = inner.every(isOptional) ? schema.optional() : schema;
  }
  return z.strictObject({ ...extra, ...shape });
}

/** All citations of a tree: path of the value and the name of its source. */
export function citationsOf(
  tree: Tree,
  path = '',
): readonly { readonly path: string; readonly source: string }[] {
  return Object.entries(tree).flatMap(([key, node]) => {
    if (key === 'source' && typeof node === 'string') return [{ path, source: node }];
    const inside = path === '' ? key : `${path}.${key}`;
    return typeof node === 'object' && node !== null ? citationsOf(node as Tree, inside) : [];
  });
}
