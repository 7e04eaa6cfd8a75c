/**
 * What the source's part of the stop would take now, RAM left out: the guest halts, the write in flight ends, images are
 * flushed, the last pass is written, device state is sent. Pre-flush reports it as pending, so it must hold all that the
 * core's own rule (RAM by the bandwidth) does not know.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Disk } from '../machine/disk.js';
import type { Machine } from '../machine/machine.js';
import type { StoreOp } from '../types.js';
import type { LastPass } from './last-pass.js';

/** A sum of times: what is always the same, and the mean and variance of what is drawn. */
export interface Forecast {
  readonly fixedNs: TimeNs;
  readonly drawnNs: TimeNs;
  readonly varianceNs2: number;
}

/** Standard deviations of a normal variable from its mean to its 95 % quantile. */
const Z95 = 1.6449;

/** The mean of the sum. */
export const meanOf = ({ fixedNs, drawnNs }: Forecast): TimeNs => fixedNs + drawnNs;

/**
 * The 95 % quantile, the sum of draws taken as lognormal with its mean and variance (L. F. Fenton, IRE Transactions on
 * Communications Systems 8, 1960): skewed to the right where there are few of them, normal where there are many.
 */
export function p95Of({ fixedNs, drawnNs, varianceNs2 }: Forecast): TimeNs {
  if (drawnNs <= 0) return fixedNs;
  const logVariance = Math.log1p(varianceNs2 / drawnNs ** 2);
  return fixedNs + drawnNs * Math.exp(Z95 * Math.sqrt(logVariance) - logVariance / 2);
}

/** Tells forecasts of one run. */
export class StopForecast {
  private readonly machine: Machine;
  private readonly passOf: (disk: Disk) => LastPass;

  constructor(machine: Machine, passOf: (disk: Disk) => LastPass) {
    this.machine = machine;
    this.passOf = passOf;
  }

  /** If the guest stopped now. */
  get now(): Forecast {
    return this.of((pass) => pass.preview(), true);
  }

  /** If nothing were stale and nothing in flight: no flushing gets below this. */
  get least(): Forecast {
    return this.of((pass) => pass.leastPreview(), false);
  }

  private of(lastPass: (pass: LastPass) => readonly StoreOp[], writing: boolean): Forecast {
    const { machine } = this;
    const { host } = machine.scenario;
    let fixedNs = host.stopNs + host.deviceStateNs;
    let drawnNs = 0;
    let varianceNs2 = 0;
    const add = (disk: Disk, ops: readonly StoreOp[], stretch = 1): void => {
      const { meanNs, varianceNs2: variance } = machine.estimator(disk).expect(ops);
      drawnNs += meanNs * stretch;
      varianceNs2 += variance * stretch ** 2;
    };
    for (const disk of machine.disks) {
      const pass = disk.hasBitmaps ? this.passOf(disk) : undefined;
      if (!pass) {
        add(disk, disk.bareRequests('stopAfterWrites'));
        add(disk, disk.bareRequests('inactivate'));
        continue;
      }
      // It began beside the guest, and as long as that is what it takes at most.
      if (writing) add(disk, pass.inFlight(), disk.device.stretchBesideGuest);
      add(disk, disk.bareRequests('stopAfterWrites'));
      fixedNs += machine.estimator(disk).bitmapsNs();
      add(disk, lastPass(pass));
    }
    return { fixedNs, drawnNs, varianceNs2 };
  }
}
