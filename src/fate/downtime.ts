/** How long the guest stands still on the path of an outcome: the work between each stop and the resume after it. */
import type { TimeNs } from '../kernel/kernel.js';
import type { JournalEntry } from './journal.js';

/** What each kind of work takes, over all disks (mean). Where these come from: src/study/outcomes/stop-times.ts. */
export interface StopTimes {
  /** vCPUs halt, requests drain, images are flushed. */
  readonly stopNs: TimeNs;
  /** Last RAM pages, device state, hand-over to the destination; and the same where bitmaps travel too. */
  readonly sendNs: TimeNs;
  readonly sendStreamingNs: TimeNs;
  readonly sendPostcopyNs: TimeNs;
  /** All bitmaps through the stream. */
  readonly streamNs: TimeNs;
  /** The extra stop of a switch to postcopy. */
  readonly postcopyNs: TimeNs;
  /** Store without an older copy, with one to replace, and the rest that a pre-flush leaves. */
  readonly storeNewNs: TimeNs;
  readonly storeReplaceNs: TimeNs;
  readonly storeEarlyNs: TimeNs;
  /** An image is taken (back): metadata read anew. */
  readonly openNs: TimeNs;
  /** Bitmaps read back (a read per cluster) and marked in use (4 writes, 3 flushes). */
  readonly loadNs: TimeNs;
  /** The same where contents are read after the resume: directory and marks alone. */
  readonly loadLaterNs: TimeNs;
  /** vCPUs start. */
  readonly startNs: TimeNs;
}

export interface PathDowntime {
  /** Sum of the stops of this path that ended with the guest running; null: the guest never came back. */
  readonly downtimeNs: TimeNs | null;
  /** Of it, work on bitmaps. */
  readonly bitmapNs: TimeNs | null;
  /** Times that management had to send `cont`: what it took to decide is not in these times. */
  readonly byHand: number;
}

interface Work {
  readonly ns: TimeNs;
  readonly bitmaps: boolean;
}

const SEND = { none: 'sendNs', stream: 'sendStreamingNs', postcopy: 'sendPostcopyNs' } as const;

function workOf(entry: JournalEntry, times: StopTimes): Work | undefined {
  switch (entry.event) {
    case 'stop':
      return { ns: times.stopNs, bitmaps: false };
    case 'device-state':
      return { ns: times[SEND[entry.bitmaps]], bitmaps: false };
    case 'open':
      return { ns: times.openNs, bitmaps: false };
    case 'resume':
      return { ns: times.startNs, bitmaps: false };
    case 'stream':
      return entry.guestRuns ? undefined : { ns: times.streamNs, bitmaps: true };
    case 'postcopy-switch':
      return { ns: times.postcopyNs, bitmaps: true };
    case 'store': {
      if (entry.early) return { ns: times.storeEarlyNs, bitmaps: true };
      return { ns: entry.replaced > 0 ? times.storeReplaceNs : times.storeNewNs, bitmaps: true };
    }
    case 'load':
      return { ns: entry.later ? times.loadLaterNs : times.loadNs, bitmaps: true };
    case 'merge':
      return { ns: times.loadNs - times.loadLaterNs, bitmaps: true };
    default:
      return undefined;
  }
}

/**
 * Sums the stops of a journal. A stop begins with `stop`, or with the loss of the guest if a process is
 * resumed after it (then only the work is counted, not the outage). `guestRuns`: the guest runs at the end.
 */
export function pathDowntime(
  journal: readonly JournalEntry[],
  times: StopTimes,
  guestRuns: boolean,
): PathDowntime {
  let sum = 0;
  let bitmaps = 0;
  let byHand = 0;
  let stop: { ns: number; bitmaps: number } | undefined;
  for (const entry of journal) {
    if (entry.event === 'stop' || entry.event === 'guest-lost') stop = { ns: 0, bitmaps: 0 };
    const work = workOf(entry, times);
    if (stop && work) {
      stop.ns += work.ns;
      if (work.bitmaps) stop.bitmaps += work.ns;
    }
    if (entry.event !== 'resume') continue;
    sum += stop?.ns ?? 0;
    bitmaps += stop?.bitmaps ?? 0;
    if (entry.byHand) byHand++;
    stop = undefined;
  }
  return guestRuns
    ? { downtimeNs: sum, bitmapNs: bitmaps, byHand }
    : { downtimeNs: null, bitmapNs: null, byHand };
}
