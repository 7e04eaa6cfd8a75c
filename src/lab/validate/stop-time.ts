/** How long requests take on the storage that a row was calibrated on, and how far a single stop may be from that. */
import type { HostSpec } from '../../sim/scenario.js';
import { FILE_SPREAD, stopSdMs } from '../../sim/stop/interval.js';
import type { StopWork } from '../../sim/stop/requests.js';
import { expectedTime } from '../../sim/stop/time.js';
import { calibratedFile, fileHost, isLocalFile } from './calibrated-file.js';
import { calibratedVolume } from './calibrated-volume.js';
import type { MeasuredRow } from './rows.js';
import { disksOf } from './storehistory.js';

export interface StopMs {
  readonly ms: number;
  /** Standard deviation of a single stop, the host's share left out. */
  readonly sdMs: number;
}

/** Of all disks of the row, one after another, each with this work. */
export function stopTime(row: MeasuredRow, work: StopWork, lab: HostSpec): StopMs {
  const file = isLocalFile(row);
  const storage = file ? calibratedFile(row, work.ops) : calibratedVolume(row);
  const host = file ? fileHost(lab) : lab;
  const disks = disksOf(row);
  const time = expectedTime(work, { storage, host });
  const ms = (disks * time.meanNs) / 1e6;
  const sdMs = file ? Math.hypot(FILE_SPREAD.stopMs, FILE_SPREAD.relative * ms) : stopSdMs(time, disks);
  return { ms, sdMs };
}
