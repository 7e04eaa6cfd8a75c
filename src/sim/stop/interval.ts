/**
 * How far a single stop may be from its prediction, by cause; what the host's own figures add is apart (host-share.ts):
 *
 *   stop       repeats of stops below 30 ms differ by a standard deviation of 0.75 ms, and the stop without bitmaps
 *              that is taken off by as much
 *   device     a calibration taken before the run differs from the device during it (repeats differ by 2.3 %, so
 *              either of two runs by 1.7 %, and the calibration by about as much on some devices, less on others)
 *   punches    calibrated apart, with fewer samples, where the device's timer is the larger part: twice that
 *   stream     of the source's side of streams nine in ten were predicted within 14.3 % (docs/validation.md), which is
 *              1.645 standard deviations
 *   files      repeats of one store into a local file differ by 23 %, so one run by a standard deviation of about as much
 *
 * They are taken as independent of one another, each the same for all requests of a stop. Only `stop` was measured as
 * such. The others are judgements, of a size that the shipped rows do not contradict: that about 95 % of those rows lie
 * inside is a check, not a proof, and rows of another machine may lie outside more often.
 */
import type { StopTime } from './time.js';

const MS_PER_NS = 1e-6;

export const SPREAD = { stopMs: 1.06, device: 0.02, punch: 0.04, stream: 0.09 } as const;

/** Of stores into local files, as a share of the whole stop. */
export const FILE_SPREAD = { relative: 0.18, stopMs: 1.2 } as const;

/** Standard deviation of one stop of so many disks, each with these requests, around its prediction; in milliseconds. */
export function stopSdMs({ requests: { deviceByClass } }: StopTime, disks: number): number {
  const punchNs = deviceByClass.punch ?? 0;
  const deviceNs = Object.values(deviceByClass).reduce((sum, ns) => sum + ns, 0) - punchNs;
  const disk = Math.hypot(SPREAD.device * deviceNs, SPREAD.punch * punchNs) * MS_PER_NS;
  return Math.hypot(SPREAD.stopMs, disks * disk);
}
