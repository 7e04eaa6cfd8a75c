/**
 * How far a single stop may be from its prediction, by cause; what the host's own figures add is apart (host-share.ts):
 *
 *   stop       repeats of stops below 30 ms differ by a standard deviation of 0.75 ms, and the stop without bitmaps
 *              that is taken off by as much
 *   device     a calibration taken before the run differs from the device during it: in proportion to its time
 *   request    and by the same few microseconds in every request of a run: how soon the other side wakes up depends on
 *              what the processors did before, and it lasts for seconds
 *   punches    calibrated apart, with fewer samples, where the device's timer is the larger part
 *   stream     of the source's side of streams nine in ten were predicted within 14.3 % (docs/validation.md), which is
 *              1.645 standard deviations
 *   files      repeats of one store into a local file differ by 23 %, so one run by a standard deviation of about as much
 *
 * They are taken as independent of one another, each the same for all requests of a stop. `stop` was measured as such.
 * `device`, `request` and `punches` are the scale that 696 stored stops of the lab have most likely (Student's t with
 * 4 degrees of freedom, since some stops are disturbed: 0.8 %, 10 us, 2.1 %), times 1.42, so that 95 % of such a
 * distribution lie within what 95 % of a normal one would. Rows of two other machines have 0.9 to 1.6 % and 10 to 12 us.
 */
import type { StoreOp } from '../types.js';
import type { StopTime } from './time.js';

const MS_PER_NS = 1e-6;
const MS_PER_US = 1e-3;

/** `device` and `punch`: of a stop whose requests are not counted, wake-ups taken in as a share. */
export const SPREAD = { stopMs: 1.06, device: 0.02, punch: 0.04, stream: 0.09 } as const;

/** The same of a stop whose requests are. */
const COUNTED = { device: 0.011, requestUs: 15, punch: 0.03 } as const;

/** Of stores into local files, as a share of the whole stop. */
export const FILE_SPREAD = { relative: 0.18, stopMs: 1.2 } as const;

/** Standard deviation of one stop of so many disks, each with these requests, around its prediction; in milliseconds. */
export function stopSdMs(ops: readonly StoreOp[], { requests }: StopTime, disks: number): number {
  const { deviceByClass } = requests;
  const punchNs = deviceByClass.punch ?? 0;
  const deviceNs = Object.values(deviceByClass).reduce((sum, ns) => sum + ns, 0) - punchNs;
  const count = ops.reduce((sum, op) => sum + op.count, 0);
  const disk = Math.hypot(
    COUNTED.device * deviceNs * MS_PER_NS,
    COUNTED.punch * punchNs * MS_PER_NS,
    COUNTED.requestUs * count * MS_PER_US,
  );
  return Math.hypot(SPREAD.stopMs, disks * disk);
}
