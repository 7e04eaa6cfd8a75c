/**
 * What uses the device while the guest runs: the guest's own writes, and the background (the walk for free clusters,
 * flushers, early loads), as processor sharing: each channel is shared evenly by whoever is on it, and everybody is on
 * any channel with the same chance.
 *
 *   background  a request on a channel of which the guest takes a share `load` lasts 1 / (1 - load) times as long
 *               (M/G/1 processor sharing; the mean does not depend on the distribution of service times: Kleinrock,
 *               Queueing Systems, vol. 2, 4.4), and 1 + (n - 1) / k times as long again where n requests are in flight
 *   guest       with one request in flight for good its writes last 1 + 1 / k times as long on k channels: the same
 *               queue with one permanent customer; in proportion where it is there for a part of the time
 */
import type { Kernel, TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { ProcessorSharing } from '../../kernel/processor-sharing.js';
import { Signal } from '../../kernel/signal.js';
import type { Scenario } from '../scenario.js';
import { latencyOf } from '../storage/latency.js';

/** A guest that offers more than this share of the device is held back by it: no queue grows for ever. */
const LOAD_MAX = 0.95;

/** Share of each channel that the guest's writes take, from the mean time of a write. */
export function guestLoad({ storage, guest }: Scenario): number {
  const writesPerS =
    guest.kind === 'synthetic'
      ? guest.writesPerS
      : (guest.timesNs.length / Math.max(1, guest.durationNs)) * 1e9 * guest.rate;
  const serviceNs = latencyOf(storage.ops.smallWrite.latency).meanNs;
  return Math.min(LOAD_MAX, (writesPerS * serviceNs) / 1e9 / storage.channels);
}

/** Requests to the image while the guest runs; everything the strategies do before the stop goes through here. */
export class Background {
  private readonly kernel: Kernel;
  private readonly channels: number;
  private readonly stretch: number;
  private readonly inFlight: ProcessorSharing;

  constructor(kernel: Kernel, scenario: Scenario) {
    this.kernel = kernel;
    this.channels = scenario.storage.channels;
    this.stretch = 1 / (1 - guestLoad(scenario));
    this.inFlight = new ProcessorSharing(kernel, (requests) => 1 / (1 + (requests - 1) / this.channels));
  }

  /** One request, of this time on an idle device; `done` is called at its end. */
  serve(aloneNs: TimeNs, done: () => void): void {
    this.inFlight.serve(Math.round(aloneNs * this.stretch), done);
  }

  /** The same, told by a process. */
  *use(aloneNs: TimeNs): Process {
    const ended = new Signal();
    this.serve(aloneNs, () => ended.fire());
    yield ended;
  }

  /** Mean latency of the guest's writes in a migration so far of this length, over that without any background. */
  guestSlowdown(overNs: TimeNs): number {
    return overNs === 0 ? 1 : 1 + this.inFlight.customerNs / overNs / this.channels;
  }
}
