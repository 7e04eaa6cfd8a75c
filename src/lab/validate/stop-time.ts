/** How long requests take on the storage that a row was calibrated on, and how far a single stop may be from that. */
import type { HostSpec } from '../../sim/scenario.js';
import { FILE_SPREAD, stopSdMs } from '../../sim/stop/interval.js';
import type { StopWork } from '../../sim/stop/requests.js';
import { expectedTime, type StopTime } from '../../sim/stop/time.js';
import { calibratedFile, fileHost, isLocalFile } from './calibrated-file.js';
import { calibratedVolume, largeBytesSdMs } from './calibrated-volume.js';
import type { MeasuredRow } from './rows.js';
import { disksOf } from './storehistory.js';

export interface StopMs {
  readonly ms: number;
  /** Standard deviation of a single stop on a quiet machine, the host's share left out. */
  readonly sdMs: number;
  /** QEMU's own part of it. */
  readonly processorMs: number;
}

function processorNs({ requests: { deviceByClass }, meanNs }: StopTime): number {
  return Object.values(deviceByClass).reduce((rest, ns) => rest - ns, meanNs);
}

/** Of all disks of the row, one after another, each with this work. */
export function stopTime(row: MeasuredRow, work: StopWork, lab: HostSpec): StopMs {
  const file = isLocalFile(row);
  const storage = file ? calibratedFile(row, work.ops) : calibratedVolume(row);
  const host = file ? fileHost(lab) : lab;
  const disks = disksOf(row);
  const time = expectedTime(work, { storage, host });
  const ms = (disks * time.meanNs) / 1e6;
  const sdMs = file
    ? Math.hypot(FILE_SPREAD.stopMs, FILE_SPREAD.relative * ms)
    : Math.hypot(stopSdMs(work.ops, time, disks), disks * largeBytesSdMs(row, work.ops));
  return { ms, sdMs, processorMs: (disks * processorNs(time)) / 1e6 };
}
