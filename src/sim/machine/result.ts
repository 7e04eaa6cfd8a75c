/** What one simulated migration gives. */
import type { TimeNs } from '../../kernel/kernel.js';
import type { PhaseTimes } from './phases.js';

export interface Metrics {
  /** Stop to resume, as the guest sees it. */
  readonly downtimeNs: TimeNs;
  /** What the source's query-migrate reports as downtime. */
  readonly sourceDowntimeNs: TimeNs;
  readonly phasesNs: Readonly<PhaseTimes>;
  /** Begin of the migration to the guest's resume. */
  readonly migrationNs: TimeNs;
  /** Resume to the moment the destination holds a usable bitmap; null: never (the bitmap stayed behind). */
  readonly bitmapReadyNs: TimeNs | null;
  /** Requests of the store inside the stop. */
  readonly clustersWritten: number;
  readonly storeWrites: number;
  readonly storeReads: number;
  readonly storePunches: number;
  readonly storeFlushes: number;
  readonly bytesWrittenRunning: number;
  readonly bytesWrittenStopped: number;
  /** Bytes of bitmaps in the migration stream, in the stop or after it. */
  readonly streamBytes: number;
  readonly ramLeftBytes: number;
  /** Over the bitmaps recording the guest: bits set at the stop, and those the guest set during the migration. */
  readonly bitsSetAtStop: number;
  readonly firstTouches: number;
  readonly staleChunksAtStop: number;
  /** Mean latency of guest writes while the flusher runs, over that without it; 1 where nothing is flushed. */
  readonly guestSlowdown: number;
  readonly guestWrites: number;
}

/**
 * completed      the rule said stop, and the destination has what the strategy promises
 * not-converged  the rule never said stop within the timeout; the metrics are those of a stop forced at that moment
 * failed         the destination lacks bits that the guest set, or the strategy never comes to an end
 */
export type MigrationState = 'completed' | 'not-converged' | 'failed';

export interface MigrationResult {
  readonly state: MigrationState;
  /** Why it is not `completed`, in words. */
  readonly reason: string | null;
  readonly metrics: Metrics;
}
