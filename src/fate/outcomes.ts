/**
 * The outcomes: each a short script of events. They say what people and machines do; what becomes of the
 * bitmaps is worked out by the protocol.
 */
import type { Route } from '../sim/strategies/definition.js';
import { MERGE_OUTCOMES } from './merge-outcomes.js';
import { MIRROR_OUTCOMES } from './mirror-outcomes.js';
import type { Outcome, Watched } from './outcome.js';
import { RAM_OUTCOMES } from './ram-outcomes.js';
import type { FateRules } from './rules.js';
import {
  active,
  afterContinue,
  backOnSource,
  bothGone,
  cancelled,
  cont,
  continueOrBack,
  destinationDied,
  diesInStop,
  diesUnactivated,
  type History,
  kill,
  leave,
  look,
  onwards,
  preSwitchover,
  quit,
  secondTry,
  succeed,
  travelling,
  twoMasters,
  unactivated,
  write,
} from './steps.js';

const three: Watched[] = ['store', 'stream', 'transient'];
const two: Watched[] = ['store', 'stream'];
const withPostcopy: Watched[] = [...three, 'stream-postcopy'];
const precopy: Watched[] = [...three, 'stream-transient'];
const every: Watched[] = [...withPostcopy, 'stream-transient'];

const travels = (route: Route): boolean => route.dirtyBitmaps;
const arrivesLater = (route: Route): boolean => route.postcopy;

/** Every outcome by name; names, steps and strategies of the measured ones: results/validation/README.md. */
export const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'ok-quit': {
    family: 'success',
    summary: 'migrated; later shut down cleanly',
    measured: every,
    steps: succeed('quit'),
  },
  'ok-kill': {
    family: 'success',
    summary: 'migrated; later the destination is killed',
    measured: every,
    steps: succeed('kill'),
  },
  'ok-hop-plain': {
    family: 'success',
    summary: 'migrated, then onwards to a third host without the capability',
    measured: [...two, 'stream-postcopy'],
    steps: onwards(false),
  },
  'ok-hop-cap': {
    family: 'success',
    summary: 'migrated, then onwards to a third host with the capability',
    measured: three,
    steps: onwards(true),
  },
  'dst-lacks-cap': {
    family: 'success',
    summary: 'migrated to a destination that was not told of bitmaps',
    measured: ['stream'],
    elsewhere: { only: travels, outcome: 'ok-quit' },
    steps: succeed('quit'),
  },
  'cancel-quit': {
    family: 'before-stop',
    summary: 'cancelled before the stop; later shut down cleanly',
    measured: precopy,
    steps: [...cancelled, leave('source')],
  },
  'cancel-kill': {
    family: 'before-stop',
    summary: 'cancelled before the stop; later the source is killed',
    measured: three,
    steps: [...cancelled, leave('source', 'kill')],
  },
  'cancel-merge-quit': {
    family: 'before-stop',
    summary: 'cancelled before the stop; bitmap merged into a fresh one; shut down cleanly',
    measured: ['stream'],
    steps: [...cancelled, { do: 'copy-bitmap' }, leave('source')],
  },
  'cancel-again-plain': {
    family: 'before-stop',
    summary: 'cancelled before the stop; second try without the capability',
    measured: three,
    steps: [...cancelled, ...secondTry(false)],
  },
  'cancel-again-cap': {
    family: 'before-stop',
    summary: 'cancelled before the stop; second try with the capability',
    measured: three,
    steps: [...cancelled, ...secondTry(true)],
  },
  'dst-dies-running': {
    family: 'before-stop',
    summary: 'destination dies before the stop',
    measured: three,
    steps: [...destinationDied, leave('source')],
  },
  'dst-dies-running-again-plain': {
    family: 'before-stop',
    summary: 'destination dies before the stop; second try without the capability',
    measured: two,
    steps: [...destinationDied, ...secondTry(false)],
  },
  'dst-dies-running-again-cap': {
    family: 'before-stop',
    summary: 'destination dies before the stop; second try with the capability',
    measured: two,
    steps: [...destinationDied, ...secondTry(true)],
  },
  'src-dies-running': {
    family: 'before-stop',
    summary: 'source killed before the stop',
    measured: three,
    steps: [...active, ...bothGone],
  },
  'src-quits-running': {
    family: 'before-stop',
    summary: 'guest shut down before the stop',
    measured: three,
    steps: [...active, leave('source'), kill('destination')],
  },
  'cancel-preswitch': {
    family: 'in-stop',
    summary: 'cancelled in pre-switchover, before the store',
    measured: withPostcopy,
    steps: [preSwitchover, { do: 'cancel' }, look, cont, write('source', 'C'), leave('source')],
  },
  'dst-dies-preswitch': {
    family: 'in-stop',
    summary: 'destination dies in the stop, before the store',
    measured: withPostcopy,
    steps: diesInStop,
  },
  'dst-dies-preswitch-much-ram': {
    family: 'in-stop',
    summary: 'destination dies in the stop with all RAM still to be sent',
    measured: two,
    steps: diesInStop,
  },
  'src-dies-preswitch': {
    family: 'in-stop',
    summary: 'source killed in the stop, before the store',
    measured: three,
    steps: [preSwitchover, ...bothGone],
  },
  'src-quits-preswitch': {
    family: 'in-stop',
    summary: 'guest shut down in the stop, before the store',
    measured: two,
    steps: [preSwitchover, leave('source'), kill('destination')],
  },
  'dst-dies-unactivated-quit': {
    family: 'after-stop',
    summary: 'destination dies before it takes the image; source goes on, shut down cleanly',
    measured: three,
    steps: diesUnactivated('quit'),
  },
  'dst-dies-unactivated-kill': {
    family: 'after-stop',
    summary: 'destination dies before it takes the image; source goes on, then is killed',
    measured: three,
    steps: diesUnactivated('kill'),
  },
  'src-dies-postmigrate': {
    family: 'after-stop',
    summary: 'both killed after the store, before the destination takes the image',
    measured: three,
    steps: [unactivated, ...bothGone],
  },
  'store-enospc': {
    family: 'storage',
    summary: 'storage without a free cluster',
    measured: withPostcopy,
    full: true,
    steps: [preSwitchover, continueOrBack, ...afterContinue],
  },
  'store-eio': {
    family: 'storage',
    summary: 'storage refuses writes during the switchover',
    measured: withPostcopy,
    steps: [
      preSwitchover,
      { do: 'storage', fails: true },
      { do: 'continue', otherwise: [{ do: 'storage', fails: false }, ...backOnSource] },
      { do: 'storage', fails: false },
      ...afterContinue,
    ],
  },
  'dst-activate-eio': {
    family: 'storage',
    summary: 'storage refuses the write with which the destination takes the image; source goes on',
    measured: two,
    steps: [
      unactivated,
      look,
      { do: 'storage', fails: true },
      { do: 'cont', who: 'destination' },
      { do: 'storage', fails: false },
      kill('destination'),
      cont,
      write('source', 'C'),
      leave('source'),
    ],
  },
  'two-masters-kill': {
    family: 'two-masters',
    summary: 'destination ran and wrote, is killed; source resumed',
    measured: withPostcopy,
    steps: twoMasters(kill('destination')),
  },
  'two-masters-quit': {
    family: 'two-masters',
    summary: 'destination ran and wrote, shut down cleanly; source resumed',
    measured: withPostcopy,
    steps: twoMasters(quit('destination')),
  },
  'postcopy-dst-dies': {
    family: 'postcopy',
    summary: 'destination dies while bitmaps arrive',
    measured: ['stream-postcopy'],
    elsewhere: { only: arrivesLater, outcome: 'ok-kill' },
    steps: [
      ...travelling,
      kill('destination'),
      look,
      cont,
      { do: 'cancel' },
      cont,
      write('source', 'C'),
      leave('source'),
    ],
  },
  'postcopy-src-dies': {
    family: 'postcopy',
    summary: 'source dies while bitmaps arrive',
    measured: ['stream-postcopy'],
    elsewhere: { only: arrivesLater, outcome: 'ok-quit' },
    steps: [...travelling, kill('source'), look, leave('destination')],
  },
  'postcopy-cancel': {
    family: 'postcopy',
    summary: 'cancelled while bitmaps arrive',
    measured: ['stream-postcopy'],
    elsewhere: { only: arrivesLater, outcome: 'ok-quit' },
    steps: [...travelling, { do: 'cancel' }, look, kill('source'), leave('destination')],
  },
  ...MERGE_OUTCOMES,
  ...MIRROR_OUTCOMES,
  ...RAM_OUTCOMES,
};

/** Watched on shared storage and in pre-copy alone: they need a third host, storage that fails, or bitmaps without RAM. */
const PLAIN_ONLY =
  /^(ok-hop|store-|dst-activate|postcopy-(dst|src|cancel)|cancel-merge|dst-lacks|dst-dies-preswitch-much|merge-)/;

/** Whether real QEMU was watched; an inconsistent bitmap was tried on two routes of shared storage only. */
export function wasMeasured(
  outcome: string,
  route: string,
  history: History,
  { mirrored, ramFollows }: Pick<FateRules, 'mirrored' | 'ramFollows'>,
): boolean {
  const { measured, family } = OUTCOMES[outcome]!;
  const isOne = (name: Watched): boolean => name === route;
  if (!mirrored && !ramFollows)
    return measured.some(isOne) && (history !== 'inconsistent' || two.some(isOne));
  // What ends before the stop is no post-copy yet.
  if (PLAIN_ONLY.test(outcome) || history === 'inconsistent') return false;
  if (ramFollows && (mirrored || family === 'before-stop')) return false;
  return precopy.some(isOne);
}
