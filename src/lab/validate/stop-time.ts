/** How long requests take on the storage that a row was calibrated on, and how far a single stop may be from that. */
import { OpTimer } from '../../sim/storage/timer.js';
import type { StoreOp } from '../../sim/types.js';
import { calibratedVolume, LAB_HOST } from './calibration.js';
import { stopSdMs } from './interval.js';
import { calibratedFile, FILE_HOST, FILE_SPREAD, isLocalFile } from './local-file.js';
import type { MeasuredRow } from './rows.js';

/** What one of `disks` alike disks does, one after another. */
export interface DiskWork {
  readonly ops: readonly StoreOp[];
  readonly disks: number;
  readonly bitmapBytes: number;
  readonly l1Entries: number;
}

export interface StopTime {
  readonly ms: number;
  readonly sdMs: number;
}

export function stopTime(row: MeasuredRow, work: DiskWork): StopTime {
  const file = isLocalFile(row);
  const storage = file ? calibratedFile(row, work.ops) : calibratedVolume(row);
  const host = file ? FILE_HOST : LAB_HOST;
  const timer = new OpTimer(storage, host, { l1Entries: work.l1Entries });
  const estimate = timer.expect(work.ops);
  const ms = (work.disks * (estimate.meanNs + timer.fixedNs(work.bitmapBytes))) / 1e6;
  const sdMs = file
    ? Math.hypot(FILE_SPREAD.stopMs, FILE_SPREAD.relative * ms)
    : stopSdMs({ ...work, estimate }, host);
  return { ms, sdMs };
}
