/** Outcomes of mended QEMU alone: the guest runs at the destination, which has not yet read what is in the image. */
import type { Route } from '../sim/strategies/definition.js';
import type { Outcome } from './outcome.js';
import type { FateRules } from './rules.js';
import { cont, kill, leave, look, merging, onwardsMerging, quit, write } from './steps.js';

const readsLater = (route: Route, { loadAfterResume }: FateRules): boolean =>
  loadAfterResume && route.persistent === true && !route.dirtyBitmaps;

export const MERGE_OUTCOMES: Readonly<Record<string, Outcome>> = {
  'merge-dst-dies': {
    family: 'merge',
    summary: 'destination killed before it has read and merged its bitmaps',
    measured: [],
    elsewhere: { only: readsLater, outcome: 'ok-kill' },
    steps: [...merging, quit('source'), leave('destination', 'kill')],
  },
  'merge-dst-quits': {
    family: 'merge',
    summary: 'destination shut down cleanly before the merge',
    measured: [],
    elsewhere: { only: readsLater, outcome: 'ok-quit' },
    steps: [...merging, quit('source'), leave('destination')],
  },
  'merge-eio': {
    family: 'merge',
    summary: 'storage refuses the reads of the merge; the guest runs on',
    measured: [],
    elsewhere: { only: readsLater, outcome: 'ok-quit' },
    steps: [
      ...merging,
      { do: 'read-bitmaps', fails: true },
      quit('source'),
      look,
      { do: 'read-bitmaps', fails: false },
      leave('destination'),
    ],
  },
  'merge-hop-plain': {
    family: 'merge',
    summary: 'onwards to a third host before the merge, without the capability',
    measured: [],
    elsewhere: { only: readsLater, outcome: 'ok-hop-plain' },
    steps: onwardsMerging(false),
  },
  'merge-hop-cap': {
    family: 'merge',
    summary: 'onwards to a third host before the merge, with the capability: refused',
    measured: [],
    elsewhere: { only: readsLater, outcome: 'ok-hop-cap' },
    steps: onwardsMerging(true),
  },
  'merge-two-masters': {
    family: 'merge',
    summary: 'destination ran and wrote, is killed before the merge; source resumed',
    measured: [],
    elsewhere: { only: readsLater, outcome: 'two-masters-kill' },
    steps: [
      ...merging,
      kill('destination'),
      cont,
      write('source', 'C'),
      { do: 'look', running: 'source' },
      leave('source'),
    ],
  },
};
