/** What an outcome is: a script of events, and who can meet it. */
import type { Route } from '../sim/strategies/definition.js';
import type { FateRules } from './rules.js';
import type { Step } from './steps.js';

export interface Outcome {
  readonly summary: string;
  /** Which family it is told with in the table. */
  readonly family:
    | 'success'
    | 'before-stop'
    | 'in-stop'
    | 'after-stop'
    | 'storage'
    | 'two-masters'
    | 'postcopy'
    | 'merge'
    | 'mirror';
  /** Routes on which real QEMU was watched on shared storage, in pre-copy; for the others the protocol predicts. */
  readonly measured: readonly Watched[];
  /** Where only some bitmaps can meet it: which, and what the same event is for the others. */
  readonly elsewhere?: {
    readonly only: (route: Route, rules: FateRules) => boolean;
    readonly outcome: string;
  };
  /** The storage has no free cluster from the beginning. */
  readonly full?: boolean;
  readonly steps: readonly Step[];
}

/** Routes of results/validation/outcomes.csv. */
export type Watched = 'store' | 'stream' | 'stream-postcopy' | 'transient' | 'stream-transient';
