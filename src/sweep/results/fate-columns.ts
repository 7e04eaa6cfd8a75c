/**
 * Columns of runs.csv that a sweep over outcomes, faults or fault rates has beside the usual ones: where each copy of
 * the bitmap is left, and the path's own downtime. The words are those of `outcomes --json` (docs/outcomes.md).
 */

import { isReference } from '../../sim/strategies/lookup.js';
import type { OutcomeCell } from '../../study/outcomes/cells.js';
import { type PathCost, pathCost } from '../../study/outcomes/path-cost.js';
import type { Cell, ResultColumn } from './column.js';

type Pick = (fate: OutcomeCell) => Cell;

/** The reference has no bitmap that could be lost. */
const cost =
  (of: (path: PathCost) => number): Pick =>
  (fate) =>
    isReference(fate.strategy) ? null : of(pathCost(fate));

function column(
  name: string,
  meaning: string,
  pick: Pick,
  type: ResultColumn['type'] = 'string',
): ResultColumn {
  const unit = name.endsWith('_ms') ? 'ms' : '';
  return { name, unit, meaning, type, value: ({ fate }) => (fate ? pick(fate) : null) };
}

/** Numbers: summary.csv has their means, so that the mean of a 0 or 1 is a share. */
export const FATE_METRICS: readonly ResultColumn[] = [
  column(
    'path_downtime_ms',
    "the guest's stops on the path of the outcome; empty: it did not come back",
    (fate) => fate.downtime_ms,
    'number',
  ),
  column(
    'path_bitmap_downtime_ms',
    'the part of it that is work on bitmaps',
    (fate) => fate.bitmap_downtime_ms,
    'number',
  ),
  column(
    'resumed_by_hand',
    'times that management had to resume the source on the path',
    (fate) => fate.resumed_by_hand,
    'integer',
  ),
  column(
    'full_backups',
    '1 where the next backup is full, at once or after the next start',
    cost((path) => path.fullBackups),
    'integer',
  ),
  column(
    'wrong_backups',
    '1 where the next incremental backup misses data and nobody notices',
    cost((path) => path.wrongBackups),
    'integer',
  ),
];

/** Words. */
export const FATE_WORDS: readonly ResultColumn[] = [
  column('outcome_met', 'what the outcome or fault was for this strategy', (fate) => fate.outcome),
  column('source', "the source's copy: exact, lost, inconsistent, stale, wrong, dead", (fate) => fate.source),
  column('destination', "the destination's copy, in the same words", (fate) => fate.destination),
  column('image_at_end', 'flags of the copy in the image; absent: none', (fate) => fate.image_at_end),
  column('boot', 'what a fresh QEMU makes of the image', (fate) => fate.boot),
  column('survivor', 'the process that is left: src, dst, none', (fate) => fate.survivor),
  column('backup_live', 'the next backup in it: incremental, full, wrong', (fate) => fate.backup_live),
  column(
    'backup_after_boot',
    'the next backup after a start from the image',
    (fate) => fate.backup_after_boot,
  ),
];
