/**
 * A strategy, told once: all that the other rooms parse, list, label, draw or ask of one. It stands in one file, and
 * in one line of registry.ts; nobody else asks for a strategy by its name.
 */
import type { Row, Rows } from '../parameters/row.js';
import type { Strategy } from './strategy.js';

/** Of strategies without parameters. */
export type NoRows = Readonly<Record<never, Row>>;

/** A strategy as it is to be run: plain data, which run ids are made of and worker threads are sent. */
export type AnySpec = { readonly name: string; readonly [parameter: string]: unknown };

/**
 * Which way a bitmap goes that must survive the migration. What becomes of every copy when a migration fails follows
 * from this and the protocol (src/fate/).
 */
export interface Route {
  /** In results/validation/outcomes.csv, and as a key of cells. */
  readonly name: string;
  /** Made with persistent: true; false: it is in memory only; null: there is no bitmap. */
  readonly persistent: boolean | null;
  /** The `dirty-bitmaps` capability: it travels in the migration stream. */
  readonly dirtyBitmaps: boolean;
  /** Its contents follow after the destination runs. */
  readonly postcopy: boolean;
  /** Most of it is written to the image while the guest runs; how, where that is so. */
  readonly preFlush: false | 'in-place' | 'shadow';
}

/** Stored inside the stop: where all routes begin. */
export const STORED = { persistent: true, dirtyBitmaps: false, postcopy: false, preFlush: false } as const;

/** Means over the replications that a remark can speak of; it is asked of strategies that deliver. */
export interface RemarkMeans {
  readonly bitmapReadyMs: number;
  readonly bytesWrittenRunning: number;
  readonly staleChunksAtStop: number;
}

export interface Variant {
  /** As results name it; null where the strategy has but this one. */
  readonly name: string | null;
  /** What `list` says of it, where it can be asked for by its name. */
  readonly summary?: string;
  /** Of lines and dots; palette.ts says where the colours come from. */
  readonly colour: string;
  /** The first is how it is used; further ones are what else QEMU can be told to do with it. */
  readonly routes: readonly [Route, ...Route[]];
  /** What it costs elsewhere than in the stop, as a sentence about `label`. */
  remark?(label: string, means: RemarkMeans): string;
}

/** What a specification is fitted to: the rest of the scenario. */
export interface Surroundings {
  /** The smallest cluster of the disks. */
  readonly clusterBytes: number;
  /** Where the user gave the value of a row, for messages; undefined: it is the default. */
  given(row: Row): string | undefined;
}

/** `P`: the rows, with the types of their paths kept for those who write a scenario in a program. */
export interface StrategyDefinition<S extends AnySpec = AnySpec, P extends Rows = Rows> {
  readonly name: S['name'];
  readonly summary: string;
  /**
   * `reference`: what the others' downtimes are compared with; `judged`: what QEMU does today, so that "is it too
   * much?" is asked of it. There is one of each.
   */
  readonly role: 'reference' | 'judged' | 'alternative';
  /** Compared where no strategy is named. */
  readonly byDefault: boolean;
  /** QEMU has it. */
  readonly built: boolean;
  /** Rows by the field of the specification that each fills. */
  readonly parameters: P;
  /** The field of the specification that says which variant it is: a parameter, or one of its own that names set. */
  readonly variantField?: string;
  readonly variants: readonly [Variant, ...Variant[]];
  /** The specification as it suits the disks; InputError where what was given cannot. */
  fit?(spec: S, surroundings: Surroundings): S;
  hooks(spec: S): Strategy;
}
