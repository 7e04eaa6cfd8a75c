/** What users may write, as types: values by kind, by path, and nested as in a scenario file. A typo is a compile error. */
import type { Groups, Kind, Row } from '../../sim/parameters/row.js';
import type { DiskInput } from './disk-list.js';

type Scalar = string | number;
type Size = Scalar;

/** What may be written for each kind; texts carry their units. */
interface Written extends Readonly<Record<Kind, unknown>> {
  readonly size: Size;
  readonly 'power-of-two': Size;
  readonly rate: Scalar;
  readonly time: Scalar;
  readonly share: Scalar;
  readonly number: Scalar;
  readonly count: Scalar;
  readonly choice: string;
  readonly switch: boolean | 'on' | 'off' | 'true' | 'false' | 'yes' | 'no';
  readonly text: string;
  readonly names: string | readonly string[];
  readonly extent: Scalar;
  readonly 'share-or-auto': Scalar;
  readonly budget: Scalar;
  readonly latency:
    | Scalar
    | { readonly p50: Scalar; readonly p99: Scalar }
    | { readonly mean: Scalar }
    | { readonly bins: Readonly<Record<string, number>> };
  readonly sizes: Size | Readonly<Record<string, Scalar>>;
  readonly pattern:
    | string
    | { readonly zones: readonly { readonly space: Scalar; readonly writes: Scalar }[] };
  readonly arrivals:
    | string
    | { readonly h2: { readonly p1: Scalar; readonly fast: Scalar } }
    | { readonly on: Scalar; readonly off: Scalar };
  readonly files: string | readonly string[];
  readonly disks: readonly DiskInput[];
  readonly parts: unknown;
}

/** What may be written for a row. */
type WrittenFor<R extends Row> = R extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Written[R['kind']];

type RowIn<G extends Groups> = { [Part in keyof G]: G[Part][keyof G[Part]] }[keyof G];

/** Values by path; none is required. */
export type ByPath<G extends Groups> = {
  readonly [R in RowIn<G> as R['path']]?: WrittenFor<R> | undefined;
};

/** The same below a head: `storage.write.latency`. */
export type Below<Head extends string, Values> = {
  readonly [Path in keyof Values as `${Head}.${Path & string}`]: Values[Path];
};

type HeadOf<Path> = Path extends `${infer Head}.${string}` ? Head : Path;

type TailsOf<Values, Head> = {
  readonly [Path in keyof Values as Path extends `${Head & string}.${infer Tail}`
    ? Tail
    : never]: Values[Path];
};

type LeafAt<Values, Head> = Head extends keyof Values ? Values[Head] : never;

/** Values by path as a tree: `{ disk: { size: '4T' } }`; a head that is a value too may be either. */
export type Nested<Values> = {
  readonly [Head in HeadOf<keyof Values> & string]?:
    | LeafAt<Values, Head>
    | (keyof TailsOf<Values, Head> extends never ? never : Nested<TailsOf<Values, Head>>)
    | undefined;
};
