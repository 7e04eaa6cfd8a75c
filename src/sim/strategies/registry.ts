/** Every strategy with its summary; the only place that knows them all. */
import type { StrategySpec } from '../scenario.js';
import { dontStore } from './dont-store.js';
import { none } from './none.js';
import { preFlush } from './pre-flush.js';
import { storeAtStop } from './store-at-stop.js';
import type { Strategy } from './strategy.js';

export const STRATEGIES = {
  none: 'the reference: a VM without bitmaps',
  'dont-store': 'nothing is written: dropped, sent in the stop, or sent after the resume',
  'store-at-stop': 'every bitmap is written to the image in the stop, as QEMU does today',
  'pre-flush': 'a meta-bitmap lets most of it be written before the stop',
} as const satisfies Record<StrategySpec['name'], string>;

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
