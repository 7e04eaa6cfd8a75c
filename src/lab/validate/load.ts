/**
 * Rows of a busy machine. Its load (`load1`) counts who wants a processor; where that is more than there are, a stop
 * gets a processor for some of the time only: what it works itself takes up to load/processors times as long, what a
 * device works does not. How much of that one stop meets is chance, so it is no longer prediction but a wider interval.
 */
import type { MeasuredRow } from './rows.js';

/** Of rows that do not say (`processors`): the machines of the lab have two. */
const PROCESSORS = 2;

/** How many times as long a processor's work may take at most: 1 on a machine with a processor for everybody. */
function crowding(row: MeasuredRow): number {
  return Math.max(1, (row.optional('load1') ?? 0) / (row.optional('processors') ?? PROCESSORS));
}

/** Whether more wanted a processor than there were: longer repeats of a stop then say little of the stop. */
export const isCrowded = (row: MeasuredRow): boolean => crowding(row) > 1;

/** What it adds to a stop with so much work of a processor, from nothing to all of it, each as likely: root mean square. */
export function busySdMs(row: MeasuredRow, processorMs: number): number {
  return ((crowding(row) - 1) * Math.max(0, processorMs)) / Math.sqrt(3);
}
