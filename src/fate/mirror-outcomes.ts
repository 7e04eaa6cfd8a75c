/**
 * Outcomes of disks that are copied along: what becomes of the bitmaps when the mirror fails. QEMU reports the job's error and
 * the source runs on; management cancels the migration, if it has begun.
 */
import type { Route } from '../sim/strategies/definition.js';
import type { Outcome } from './outcome.js';
import type { FateRules } from './rules.js';
import {
  active,
  backOnSource,
  cont,
  kill,
  leave,
  look,
  preSwitchover,
  quit,
  type Step,
  secondTry,
  write,
} from './steps.js';

const copied = (_: Route, { mirrored }: FateRules): boolean => mirrored;
/** On shared storage there is no mirror that could fail. */
const elsewhere = { only: copied, outcome: 'ok-quit' } as const;

const copying: Step = { do: 'mirror', until: 'copying' };
const fails: Step = { do: 'end-mirror', how: 'fails' };
const cancel: Step = { do: 'cancel' };
/** The source goes on without having migrated. */
const goesOn: Step[] = [look, write('source', 'C'), leave('source')];
const failed: Step[] = [...active, fails, cancel, look, write('source', 'C')];

export const MIRROR_OUTCOMES: Readonly<Record<string, Outcome>> = {
  'mirror-fails-copying': {
    family: 'mirror',
    summary: 'the mirror fails before the migration begins; source shut down cleanly later',
    measured: [],
    elsewhere,
    steps: [copying, write('source', 'M'), fails, ...goesOn],
  },
  'mirror-cancelled': {
    family: 'mirror',
    summary: 'the mirror is cancelled before the migration begins; source shut down cleanly later',
    measured: [],
    elsewhere,
    steps: [copying, write('source', 'M'), { do: 'end-mirror', how: 'cancelled' }, ...goesOn],
  },
  'mirror-dst-dies-copying': {
    family: 'mirror',
    summary: 'destination dies while the mirror copies; source shut down cleanly later',
    measured: [],
    elsewhere,
    steps: [copying, write('source', 'M'), kill('destination'), ...goesOn],
  },
  'mirror-dst-dies-ready': {
    family: 'mirror',
    summary:
      'destination dies when the mirror is ready, before the migration begins; shut down cleanly later',
    measured: [],
    elsewhere,
    steps: [{ do: 'mirror', until: 'ready' }, write('source', 'M'), kill('destination'), ...goesOn],
  },
  'mirror-unmapped': {
    family: 'mirror',
    summary: 'migrated without block-bitmap-mapping to disks of other node names: the bitmaps are ignored',
    measured: [],
    elsewhere: {
      only: (route, { mirrored }) => mirrored && route.dirtyBitmaps,
      outcome: 'ok-quit',
    },
    steps: [
      { do: 'migrate', until: 'completed', unmapped: true, otherwise: backOnSource },
      look,
      quit('source'),
      write('destination', 'D'),
      leave('destination'),
    ],
  },
  'mirror-fails-running': {
    family: 'mirror',
    summary: 'the mirror fails while RAM is sent, so the migration is cancelled; shut down cleanly later',
    measured: [],
    elsewhere,
    steps: [...failed, leave('source')],
  },
  'mirror-fails-preswitch': {
    family: 'mirror',
    summary: 'the mirror fails in the stop, before it is in step; cancelled in pre-switchover',
    measured: [],
    elsewhere,
    steps: [preSwitchover, fails, cancel, look, cont, write('source', 'C'), leave('source')],
  },
  'mirror-fails-again': {
    family: 'mirror',
    summary: 'the mirror fails while RAM is sent; mirrored anew, the second try succeeds',
    measured: [],
    elsewhere,
    steps: [...failed, ...secondTry(true)],
  },
};
