/**
 * Outcomes of a post-copy of RAM that breaks: each side has a part of the guest's memory, so it is lost with either process,
 * and the images are as the destination had them. A link that breaks costs time, and the bitmaps that were on it.
 */
import type { Route } from '../sim/strategies/definition.js';
import type { Outcome } from './outcome.js';
import type { FateRules } from './rules.js';
import { bothGone, kill, leave, look, quit, type Step, travelling, write } from './steps.js';

const follows = (_: Route, { ramFollows }: FateRules): boolean => ramFollows;
const orKilled = { only: follows, outcome: 'ok-kill' } as const;
const orQuit = { only: follows, outcome: 'ok-quit' } as const;
const cut: Step = { do: 'cut-link' };

export const RAM_OUTCOMES: Readonly<Record<string, Outcome>> = {
  'postcopy-ram-dst-dies': {
    family: 'postcopy',
    summary: 'destination dies before all RAM has come: the guest is lost',
    measured: [],
    elsewhere: orKilled,
    steps: [...travelling, kill('destination'), ...bothGone],
  },
  'postcopy-ram-src-dies': {
    family: 'postcopy',
    summary: 'source dies before all RAM has come: the guest is lost, and the destination with it',
    measured: [],
    elsewhere: orQuit,
    steps: [...travelling, kill('source'), look, kill('destination')],
  },
  'postcopy-ram-link-lost': {
    family: 'postcopy',
    summary: 'the link breaks before all RAM has come, and for good: both are killed',
    measured: [],
    elsewhere: orKilled,
    steps: [...travelling, cut, ...bothGone],
  },
  'postcopy-ram-recovers': {
    family: 'postcopy',
    summary: 'the link breaks before all RAM has come; management recovers the migration, which succeeds',
    measured: [],
    elsewhere: orQuit,
    steps: [
      ...travelling,
      cut,
      look,
      { do: 'mend-link' },
      write('destination', 'E'),
      look,
      quit('source'),
      leave('destination'),
    ],
  },
};
