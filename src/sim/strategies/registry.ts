/** Every strategy of the model, a line each. */
import type { AnySpec, StrategyDefinition } from './definition.js';
import { dontStore } from './dont-store.js';
import { none } from './none.js';
import { preFlush } from './pre-flush.js';
import { storeAtStop } from './store-at-stop.js';

export const STRATEGIES = [
  none, //
  dontStore,
  storeAtStop,
  preFlush,
] as const;

type SpecOf<D> = D extends StrategyDefinition<infer S extends AnySpec> ? S : never;

/** One of them as it is to be run. */
export type StrategySpec = SpecOf<(typeof STRATEGIES)[number]>;
