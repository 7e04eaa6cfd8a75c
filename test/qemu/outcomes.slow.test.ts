/** Every outcome that needs no failing storage and no postcopy, on real QEMU, under every strategy of the model. */
import { describe, test } from 'vitest';
import { MERGE_OUTCOMES } from '../../src/fate/merge-outcomes.js';
import { MIRROR_OUTCOMES } from '../../src/fate/mirror-outcomes.js';
import { OUTCOMES } from '../../src/fate/outcomes.js';
import type { History } from '../../src/fate/steps.js';
import { routeNamed } from '../../src/sim/strategies/lookup.js';
import { missing } from './available.js';
import { expectFate } from './outcome-stage.js';

const STRATEGIES: readonly string[] = ['store', 'stream', 'transient', 'stream-transient'];
/** The harness has one source, no faults of the storage, and sends no bitmaps after the resume. */
const LEFT_OUT = /^(ok-hop|store-|dst-activate|postcopy|cancel-merge|dst-lacks|dst-dies-preswitch-much)/;

const cells = Object.keys(OUTCOMES)
  // No QEMU reads its bitmaps after the resume: those outcomes are of a what-if. Those of a mirror need one (outcomes-ways).
  .filter(
    (outcome) => !LEFT_OUT.test(outcome) && !(outcome in MERGE_OUTCOMES) && !(outcome in MIRROR_OUTCOMES),
  )
  .flatMap((outcome) =>
    STRATEGIES.flatMap((strategy) => {
      const histories: History[] = routeNamed(strategy).persistent ? ['new', 'stored'] : ['new'];
      return histories.map((history) => [outcome, strategy, history] as const);
    }),
  );

describe.skipIf(missing.length > 0)('all fates on real QEMU', () => {
  test.each(cells)('%s, %s, %s', expectFate);
});
