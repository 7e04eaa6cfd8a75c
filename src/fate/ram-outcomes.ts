/**
 * Outcomes of a post-copy of RAM that breaks: each side has a part of the guest's memory, so it is lost with either process,
 * and the images are as the destination had them.
 */
import type { Route } from '../sim/strategies/definition.js';
import type { Outcome } from './outcome.js';
import type { FateRules } from './rules.js';
import { bothGone, kill, look, travelling } from './steps.js';

const follows = (_: Route, { ramFollows }: FateRules): boolean => ramFollows;

export const RAM_OUTCOMES: Readonly<Record<string, Outcome>> = {
  'postcopy-ram-dst-dies': {
    family: 'postcopy',
    summary: 'destination dies before all RAM has come: the guest is lost',
    measured: [],
    elsewhere: { only: follows, outcome: 'ok-kill' },
    steps: [...travelling, kill('destination'), ...bothGone],
  },
  'postcopy-ram-src-dies': {
    family: 'postcopy',
    summary: 'source dies before all RAM has come: the guest is lost, and the destination with it',
    measured: [],
    elsewhere: { only: follows, outcome: 'ok-quit' },
    steps: [...travelling, kill('source'), look, kill('destination')],
  },
};
