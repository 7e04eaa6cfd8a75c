/**
 * Outcomes of disks that are copied along: what becomes of the bitmaps when the mirror fails. QEMU reports the job's error and
 * the source runs on; management cancels the migration, if it has begun.
 */
import type { Route } from '../sim/strategies/definition.js';
import type { Outcome } from './outcome.js';
import type { FateRules } from './rules.js';
import { cancelled, cont, leave, look, preSwitchover, secondTry, write } from './steps.js';

const copied = (_: Route, { mirrored }: FateRules): boolean => mirrored;
/** On shared storage there is no mirror that could fail. */
const elsewhere = { only: copied, outcome: 'ok-quit' } as const;

export const MIRROR_OUTCOMES: Readonly<Record<string, Outcome>> = {
  'mirror-fails-copying': {
    family: 'mirror',
    summary: 'the mirror fails before the migration begins; source shut down cleanly later',
    measured: [],
    elsewhere,
    steps: [write('source', 'M'), look, write('source', 'C'), leave('source')],
  },
  'mirror-fails-running': {
    family: 'mirror',
    summary: 'the mirror fails while RAM is sent, so the migration is cancelled; shut down cleanly later',
    measured: [],
    elsewhere,
    steps: [...cancelled, leave('source')],
  },
  'mirror-fails-preswitch': {
    family: 'mirror',
    summary: 'the mirror fails in the stop, before it is in step; cancelled in pre-switchover',
    measured: [],
    elsewhere,
    steps: [preSwitchover, { do: 'cancel' }, look, cont, write('source', 'C'), leave('source')],
  },
  'mirror-fails-again': {
    family: 'mirror',
    summary: 'the mirror fails while RAM is sent; mirrored anew, the second try succeeds',
    measured: [],
    elsewhere,
    steps: [...cancelled, ...secondTry(true)],
  },
};
