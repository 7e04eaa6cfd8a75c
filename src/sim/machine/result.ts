/** How one simulated migration ended, and its metrics. */
import type { Metrics } from './metrics.js';

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
  /** What the strategy reported as pending when the rule said stop. */
  readonly pendingBytes: number;
  /** The guest's writes were drawn one by one: such runs take as long as there are writes. */
  readonly drawsWrites: boolean;
}
