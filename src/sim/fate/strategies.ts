/**
 * What a strategy decides about bitmaps that must survive a migration: whether they persist, and which way
 * they go. Everything else follows from the protocol.
 */
export interface FateStrategy {
  readonly strategy: 'none' | 'dont-store' | 'store-at-stop' | 'pre-flush';
  readonly variant: 'drop' | 'stream' | 'postcopy' | 'in-place' | 'shadow' | null;
  /** Made with persistent: true. `drop` keeps its bitmap in memory only; null: there is no bitmap. */
  readonly persistent: boolean | null;
  /** The `dirty-bitmaps` capability. */
  readonly dirtyBitmaps: boolean;
  readonly postcopy: boolean;
  readonly preFlush: false | 'in-place' | 'shadow';
}

const plain = { dirtyBitmaps: false, postcopy: false, preFlush: false } as const;
const streamed = { ...plain, strategy: 'dont-store', dirtyBitmaps: true } as const;

/** Keys are used in the outcome definitions; the first five are the ones measured (results/validation/outcomes.csv). */
export const FATE_STRATEGIES = {
  store: { ...plain, strategy: 'store-at-stop', variant: null, persistent: true },
  stream: { ...streamed, variant: 'stream', persistent: true },
  'stream-postcopy': { ...streamed, variant: 'postcopy', persistent: true, postcopy: true },
  transient: { ...plain, strategy: 'dont-store', variant: 'drop', persistent: false },
  'stream-transient': { ...streamed, variant: 'stream', persistent: false },
  'pre-flush': {
    ...plain,
    strategy: 'pre-flush',
    variant: 'in-place',
    persistent: true,
    preFlush: 'in-place',
  },
  'pre-flush-shadow': {
    ...plain,
    strategy: 'pre-flush',
    variant: 'shadow',
    persistent: true,
    preFlush: 'shadow',
  },
  none: { ...plain, strategy: 'none', variant: null, persistent: null },
} as const satisfies Record<string, FateStrategy>;

export type StrategyKey = keyof typeof FATE_STRATEGIES;

/** `new`: made at run time, never stored; `stored`: loaded from an earlier store; `inconsistent`: nobody removed it. */
export type History = 'new' | 'stored' | 'inconsistent';
