/** Every strategy of the model; the only place that knows them all. What the help says of them: src/input/strategies.ts. */
import type { StrategySpec } from '../scenario.js';
import { dontStore } from './dont-store.js';
import { none } from './none.js';
import { preFlush } from './pre-flush.js';
import { storeAtStop } from './store-at-stop.js';
import type { Strategy } from './strategy.js';

/** The strategy of a specification. */
export function buildStrategy(spec: StrategySpec): Strategy {
  switch (spec.name) {
    case 'none':
      return none();
    case 'dont-store':
      return dontStore(spec.variant);
    case 'store-at-stop':
      return storeAtStop();
    case 'pre-flush':
      return preFlush(spec);
  }
}
