/**
 * How far a single stop may be from its prediction, by cause:
 *
 *   stop       repeats of stops below 30 ms differ by a standard deviation of 0.75 ms, and the stop without bitmaps
 *              that is taken off by as much
 *   device     a calibration taken before the run differs from the device during it (repeats differ by 2.3 %, so
 *              either of two runs by 1.7 %, and the calibration by about as much on some devices, less on others)
 *   punches    calibrated apart, with fewer samples, where the device's timer is the larger part: twice that
 *   requests   wake-ups on a busy machine: the 15 us of a request are known to about a third
 *   L1, memory the overlap check and the copying of the bitmap follow caches and clock
 *   walk       28 ns a cluster were fitted with a median error of 2.7 %, so a standard deviation of 4 %
 *
 * They are taken as independent of one another, each the same for all requests of a stop. Only `stop` and `walk` were
 * measured as such. The others are judgements, of a size that the shipped rows do not contradict: that about 95 % of
 * those rows lie inside is a check, not a proof, and rows of another machine may lie outside more often.
 */
import type { HostSpec } from '../scenario.js';
import type { StopWork } from './requests.js';
import type { StopTime } from './time.js';

const MS_PER_NS = 1e-6;

export const SPREAD = {
  stopMs: 1.06,
  device: 0.02,
  punch: 0.04,
  requestMs: 0.005,
  l1: 0.1,
  memory: 0.25,
  walk: 0.04,
} as const;

/** Standard deviation of one stop of so many disks, each with this work, around its prediction; in milliseconds. */
export function stopSdMs(
  { ops, l1Entries, bitmapBytes }: StopWork,
  { requests: { deviceByClass } }: StopTime,
  disks: number,
  host: HostSpec,
): number {
  let requests = 0;
  let writes = 0;
  let scanned = 0;
  for (const { op, count, scannedClusters = 0 } of ops) {
    requests += count;
    if (op === 'write' || op === 'smallWrite') writes += count;
    scanned += scannedClusters;
  }
  const punchNs = deviceByClass.punch ?? 0;
  const deviceNs = Object.values(deviceByClass).reduce((sum, ns) => sum + ns, 0) - punchNs;
  const disk = Math.hypot(
    SPREAD.requestMs * requests,
    SPREAD.device * deviceNs * MS_PER_NS,
    SPREAD.punch * punchNs * MS_PER_NS,
    SPREAD.l1 * writes * l1Entries * host.perL1EntryNs * MS_PER_NS,
    SPREAD.memory * (bitmapBytes / 2 ** 20) * host.perBitmapMiBNs * MS_PER_NS,
    SPREAD.walk * scanned * host.perScannedClusterNs * MS_PER_NS,
  );
  return Math.hypot(SPREAD.stopMs, disks * disk);
}
