/** What is known of a migration when it is over, beside what it added up. */
import type { TimeNs } from '../../kernel/kernel.js';
import type { PhaseTimes } from './phases.js';

export interface RunTimes {
  /** From the start of the migration to the stop. */
  readonly runningNs: TimeNs;
  readonly stopNs: TimeNs;
  readonly sourceEndNs: TimeNs;
  readonly resumeNs: TimeNs;
  readonly phasesNs: Readonly<PhaseTimes>;
  readonly bitmapReadyNs: TimeNs | null;
  /** How much longer the last RAM could have taken within the limit, and the limit at the end. */
  readonly ramOverNs: TimeNs;
  readonly limitNs: TimeNs;
  readonly ramLeftBytes: number;
  readonly bitsSetAtStop: number;
  readonly guestSlowdown: number;
  /** What the guest did during the migration. */
  readonly guest: { readonly writes: number; readonly firstTouches: number };
}
