/** How long the requests of a stop take on a storage and a host, in the mean: nothing is drawn. */
import type { HostSpec, StorageSpec } from '../scenario.js';
import { OpTimer, type TimeEstimate } from '../storage/timer.js';
import type { TokenBucket } from '../storage/token-bucket.js';
import type { StopWork } from './requests.js';

/** Where a stop takes place. */
export interface StopPlace {
  readonly storage: StorageSpec;
  readonly host: HostSpec;
  /** What-if: requests in flight at once. QEMU: 1. */
  readonly queueDepth?: number;
  /** Operations that the device admits, where several disks share it; left out: a full bucket of its own. */
  readonly tokens?: TokenBucket;
}

/** Of one disk. */
export interface StopTime {
  readonly requests: TimeEstimate;
  /** QEMU's own time that belongs to no request: the bitmaps in memory, and the disk itself. */
  readonly fixedNs: number;
  /** Both together. */
  readonly meanNs: number;
}

/** The expected time of the work, from an idle device. */
export function expectedTime(work: StopWork, { storage, host, queueDepth = 1, tokens }: StopPlace): StopTime {
  const timer = new OpTimer(storage, host, {
    l1Entries: work.l1Entries,
    queueDepth,
    ...(tokens && { tokens }),
  });
  const requests = timer.expect(work.ops);
  const fixedNs = timer.fixedNs(work.bitmapBytes);
  return { requests, fixedNs, meanNs: requests.meanNs + fixedNs };
}
