/**
 * A run always ends: whatever a strategy waits for or repeats, it is given up after more events than bitmaps of this
 * size can have any use for, with the reason in words.
 */
import { formatTime } from '../../base/units.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Machine } from '../machine/machine.js';
import { bitmapGeometry } from '../qcow2/geometry.js';

/** More than the largest run has. */
const EVENTS_MAX = 500e6;
/** Allowed whatever the bitmaps; below a second of the machine's time. */
const EVENTS_LEAST = 1e6;
/** Requests that the smallest piece of a bitmap can need: read, written, punched, with what describes it. */
const EVENTS_PER_PIECE = 8;
const PIECE_BYTES = 512;
/** That many events in less simulated time than this are a loop in which no time passes. */
const LEAST_NS = 1e6;

/** Events that all bitmaps together can ask for without any time passing, or once the guest is to stop. */
function eventsFor({ scenario }: Machine): number {
  let pieces = 0;
  for (const { sizeBytes, clusterBytes, bitmaps } of scenario.disks)
    for (const { granularityBytes, count } of bitmaps)
      pieces +=
        count * Math.ceil(bitmapGeometry(sizeBytes, granularityBytes, clusterBytes).bytes / PIECE_BYTES);
  return Math.min(EVENTS_MAX, EVENTS_LEAST + EVENTS_PER_PIECE * pieces);
}

const waiting = ({ processNames }: Kernel): string =>
  `waits for something that never happens (${processNames.join(', ')})`;

/** Runs until there is nothing left to do; returns why the story has not come to its end, null where it has. */
export function runToEnd(machine: Machine, isOver: () => boolean): string | null {
  const { kernel, stopAsked } = machine;
  const eventsMax = eventsFor(machine);
  for (let events = 0; events < EVENTS_MAX; events += eventsMax) {
    const fromNs = kernel.nowNs;
    const stopping = stopAsked.fired;
    const end = kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax });
    // What a strategy leaves running behind itself is nobody's business.
    if (isOver()) return null;
    if (end === 'idle') return waiting(kernel);
    if (kernel.nowNs - fromNs < LEAST_NS) return `repeats itself without any time passing`;
    if (stopping)
      return `does not come to an end: given up ${formatTime(kernel.nowNs - fromNs)} and more after the stop`;
  }
  return `takes more than ${EVENTS_MAX / 1e6} million events`;
}
