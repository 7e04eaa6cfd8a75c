/**
 * Guest and flusher on one device, as processor sharing: each channel is shared evenly by whoever wants it, so a
 * request on a channel of which a share `load` is taken lasts 1 / (1 - load) times as long (M/G/1 processor
 * sharing; the mean does not depend on the service distribution, Kleinrock, Queueing Systems vol. 2, 4.4).
 * The flusher has one request in flight at most, so on k channels it takes a k-th of what it takes on one.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Scenario } from '../scenario.js';
import { latencyOf } from '../storage/latency.js';

/** A guest that offers more than this share of the device is held back by it: no queue grows for ever. */
const LOAD_MAX = 0.95;

export interface GuestLoad {
  /** Share of each channel that the guest's writes take, other VMs not included. */
  readonly load: number;
  /** How much longer a request of the flusher lasts than on an idle device. */
  readonly stretch: number;
  /** Guest write latency with the flusher busy for `busyNs` of `overNs`, over that without. */
  slowdown(busyNs: TimeNs, overNs: TimeNs): number;
}

/** What the guest's writes ask of the device, from the mean write time. */
export function guestLoad(scenario: Scenario): GuestLoad {
  const { storage, guest } = scenario;
  const writesPerS =
    guest.kind === 'synthetic'
      ? guest.writesPerS
      : (guest.timesNs.length / Math.max(1, guest.durationNs)) * 1e9 * guest.rate;
  const serviceNs = latencyOf(storage.ops.smallWrite.latency).meanNs;
  const load = Math.min(LOAD_MAX, (writesPerS * serviceNs) / 1e9 / storage.channels);
  return {
    load,
    stretch: 1 / (1 - load),
    slowdown: (busyNs, overNs) => {
      if (overNs === 0 || busyNs === 0) return 1;
      // The flusher's own demand, without the stretch the guest gave it.
      const flusher = ((busyNs / overNs) * (1 - load)) / storage.channels;
      return (1 - load) / Math.max(1 - LOAD_MAX, 1 - load - flusher);
    },
  };
}
