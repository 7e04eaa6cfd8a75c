/**
 * A parameter, told once. Its row says the path, the flag, the kind and the limits, and from it follow the flags, the
 * scenario file, the JSON Schema, the CSV column, the help, and the type of the field that it fills. Rows stand in
 * records keyed by that field, so that `Spec` of a record is the type of what is read through it (src/input/values/).
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { ArrivalSpec, Extent, LatencySpec, PatternSpec, SizeMix } from './value-types.js';

/** The kinds of value, and what each is in the model: base units, so bytes, nanoseconds, bytes per second, fractions. */
export interface KindValue {
  readonly size: number;
  readonly 'power-of-two': number;
  readonly rate: number;
  readonly time: TimeNs;
  readonly share: number;
  readonly number: number;
  readonly count: number;
  readonly choice: string;
  /** A release of QEMU. */
  readonly release: string;
  readonly switch: boolean;
  readonly text: string;
  readonly names: readonly string[];
  readonly extent: Extent;
  readonly 'share-or-auto': number | 'auto';
  /** A time, or whose budget it is. */
  readonly budget: TimeNs;
  readonly latency: LatencySpec;
  readonly sizes: SizeMix;
  readonly pattern: PatternSpec;
  readonly arrivals: ArrivalSpec;
  /** Names of files, none of them split: commas are allowed in them. */
  readonly files: readonly string[];
  /** A list of disks that are not alike, each read by itself (src/input/disk-list.ts). */
  readonly disks: unknown;
  /** A list of write mixes, each read by itself; only in workload presets. */
  readonly parts: unknown;
}

export type Kind = keyof KindValue;

/** One named value: what it is called, what it may be, and what it means. */
export interface Row {
  /** Dotted path in the file, e.g. `write.latency`. */
  readonly path: string;
  /** Name on the command line, without the dashes. Parameters without one are set with `--set path=value`. */
  readonly flag?: string;
  readonly kind: Kind;
  readonly help: string;
  /** What figures call it; left out: its column without the unit. */
  readonly label?: string;
  /** As a user would write it; undefined: must be given (presets), or comes from a preset (scenario). */
  readonly default?: string | number | boolean;
  readonly optional?: boolean;
  /** Whether it needs mark and source; left out: figures do. False: the condition of a neighbouring value, which is cited. */
  readonly cited?: boolean;
  readonly choices?: readonly string[];
  /** Bounds in base units, both included. */
  readonly min?: number;
  readonly max?: number;
  /** Path of another parameter: beyond its value this one changes nothing. */
  readonly atMost?: string;
  /** The bounds in words, for messages: `512 to 2 GiB`. */
  readonly allowed?: string;
  /** The value is stated for so many, and the model takes it for one: `per-1000-l1-entries`. */
  readonly per?: number;
  /** CSV column and key of the resolved question, with its unit; derived from path and kind where it is not named. */
  readonly column?: string;
}

/** Rows by the field that each fills, in the order of help texts and columns. */
export type Rows = Readonly<Record<string, Row>>;

/** A record of rows, with the types of its paths, kinds and choices kept. */
export function rows<const R extends Rows>(record: R): R {
  return record;
}

/** What a row's field holds. */
export type ValueOf<R extends Row> = R['kind'] extends 'choice'
  ? R extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : string
  : KindValue[R['kind']];

type OptionalField<R extends Rows> = {
  [F in keyof R]: R[F] extends { readonly optional: true } ? F : never;
}[keyof R];

/** What is read through a record of rows: every field in base units; those of optional rows may be absent. */
export type Spec<R extends Rows> = {
  readonly [F in Exclude<keyof R, OptionalField<R>>]: ValueOf<R[F]>;
} & { readonly [F in OptionalField<R>]?: ValueOf<R[F]> };

/** Records of rows that are read together, by the part of the model that each fills. */
export type Groups = Readonly<Record<string, Rows>>;

export type Specs<G extends Groups> = { readonly [Part in keyof G]: Spec<G[Part]> };

/** All rows of the groups, in order. */
export function rowsOf(groups: Groups): readonly Row[] {
  return Object.values(groups).flatMap((record) => Object.values(record));
}

/** The row where a value is given over that of a preset: no default, and no need to. */
export function overriding({ default: _, ...row }: Row): Row {
  return { ...row, optional: true };
}
