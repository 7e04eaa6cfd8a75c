/**
 * The device while the guest runs. Its users are the guest's own writes and the background: the walk for free clusters,
 * flushers, early loads. They share
 *
 *   operations  the token bucket, in order of asking: the background gets what the guest leaves
 *   channels    evenly (processor sharing); everybody is on any channel with the same chance
 *   bandwidth   evenly, for the part of a request that is bytes; a request keeps its channel meanwhile
 *
 * A request where the guest takes a share `load` lasts 1 / (1 - load) times as long (M/G/1 processor sharing; the mean
 * does not depend on the distribution of service times: Kleinrock, Queueing Systems, vol. 2, 4.4). A slow spell is that of
 * the moment at which the device takes a request; the guest's own share is that of the mean. The guest's writes last
 * 1 + 1/k times as long on k channels beside one request in flight for good: the same queue with a permanent customer.
 */
import type { Kernel, TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { ProcessorSharing } from '../../kernel/processor-sharing.js';
import { Signal } from '../../kernel/signal.js';
import type { Scenario, StorageSpec } from '../scenario.js';
import { costsOn } from '../storage/costs.js';
import { imageStorage } from '../storage/places.js';
import type { SharedStorage } from '../storage/shared-storage.js';
import type { Pace } from '../storage/spells.js';
import type { DeviceWork } from '../storage/timer.js';
import { TokenBucket } from '../storage/token-bucket.js';
import { type GuestDemand, guestDemand } from './guest-demand.js';

/** Requests that are being made. */
export interface Job {
  /**
   * Of so many equal parts, ends with the one that is under way; returns how many are made then. Call it once, before
   * the end.
   */
  cut(parts: number): number;
}

/** One device, from the begin of the migration on. Everything the strategies do before the stop goes through here. */
export class SharedDevice {
  /** Operations the device admits; in the stop as the run so far has left them. */
  readonly tokens: TokenBucket;
  readonly spells: Pace;
  /** The same device as other machines have it; undefined: there are none. */
  readonly others: SharedStorage | undefined;
  private readonly kernel: Kernel;
  private readonly storage: StorageSpec;
  private readonly demand: GuestDemand;
  private readonly inFlight: ProcessorSharing;
  private readonly waiting: ProcessorSharing;
  private transferNs = 0;
  /** Time of requests that had to wait for the bucket: it has no burst left for the guest meanwhile. */
  private drainedNs = 0;
  private wrote = false;

  /** `storage`: which of the scenario's it is. */
  constructor(
    kernel: Kernel,
    scenario: Scenario,
    storage: StorageSpec,
    spells: Pace,
    others?: SharedStorage,
  ) {
    const { disks } = scenario;
    this.kernel = kernel;
    this.storage = storage;
    this.demand = guestDemand(scenario, storage);
    this.tokens = new TokenBucket(storage.opsPerS, storage.burstOps);
    this.spells = spells;
    this.others = others;
    this.guestRuns();
    const first = disks.find((disk) => imageStorage(scenario, disk).name === storage.name) ?? disks[0]!;
    this.inFlight = new ProcessorSharing(kernel, this.speed(first.clusterBytes));
    this.waiting = new ProcessorSharing(kernel, () => 1);
  }

  /** Requests one after another; `done` is called at the end of the last. They can be cut short. */
  serve(work: DeviceWork, done: () => void): Job {
    const { bytesNs, restNs } = this.besideGuest(work);
    const busyNs = this.spells.elapsedNs(this.kernel.nowNs, restNs + bytesNs);
    const waitNs = this.tokens.take(work.requests, this.kernel.nowNs, busyNs) - busyNs;
    const drainedNs = waitNs > 0 ? waitNs + busyNs : 0;
    this.transferNs += bytesNs;
    this.drainedNs += drainedNs;
    this.wrote ||= work.writes;
    let spentNs = 0;
    /** Ends the present stage early; returns how much of it is done. */
    let leave: () => TimeNs;
    const serve = (): void => {
      const customer = this.inFlight.serve(Math.round(busyNs), done);
      leave = () => this.inFlight.leave(customer);
    };
    const begin = (): void => {
      spentNs = Math.max(0, waitNs) + work.hostNs;
      if (this.others === undefined) {
        serve();
        return;
      }
      let isCut = false;
      leave = () => {
        isCut = true;
        return 0;
      };
      this.others.claim(work.requests, Math.round(busyNs), bytesNs, () => {
        if (!isCut) serve();
      });
    };
    const admitted = (): void => {
      spentNs = Math.max(0, waitNs);
      if (work.hostNs <= 0) {
        begin();
        return;
      }
      const sinceNs = this.kernel.nowNs;
      const event = this.kernel.schedule(Math.round(work.hostNs), begin);
      leave = () => (this.kernel.cancel(event) ? this.kernel.nowNs - sinceNs : work.hostNs);
    };
    if (waitNs > 0) {
      const customer = this.waiting.serve(Math.round(waitNs), admitted);
      leave = () => this.waiting.leave(customer);
    } else admitted();
    const cut = (parts: number): number => {
      const partNs = (Math.max(0, waitNs) + work.hostNs + busyNs) / parts;
      const doneNs = spentNs + leave();
      const kept = Math.min(parts, Math.floor(doneNs / partNs) + 1);
      const share = 1 - kept / parts;
      this.transferNs -= share * bytesNs;
      this.drainedNs -= share * drainedNs;
      this.tokens.giveBack(share * work.requests);
      this.inFlight.serve(Math.max(0, Math.round(kept * partNs - doneNs)), done);
      return kept;
    };
    return { cut };
  }

  /** The same, told by a process. */
  *use(work: DeviceWork): Process {
    const ended = new Signal();
    this.serve(work, () => ended.fire());
    yield ended;
  }

  /** Writes that the guest gets done on it each second. */
  get guestWritesPerS(): number {
    return this.demand.writesPerS;
  }

  /** How much longer a request of the background takes for the guest's writes. */
  get stretchBesideGuest(): number {
    return 1 / (1 - this.demand.shares.channels);
  }

  /** Whether there is anything for a flush to do: writes of the guest, or of the background. */
  get wasWritten(): boolean {
    return this.guestWrites || this.wroteBeside;
  }

  get guestWrites(): boolean {
    return this.demand.writesPerS > 0;
  }

  get wroteBeside(): boolean {
    return this.wrote;
  }

  /** The guest halts and leaves the device to the store. */
  guestStops(): void {
    this.tokens.setRate(this.storage.opsPerS, this.kernel.nowNs);
  }

  /** The guest takes its share of the operations: from the start on, and again on the destination. */
  guestRuns(): void {
    this.tokens.setRate(this.storage.opsPerS - this.demand.writesPerS, this.kernel.nowNs);
  }

  /** Mean latency of the guest's writes in a migration so far of this length, over that without any background. */
  guestSlowdown(overNs: TimeNs): number {
    const { writesPerS, serviceNs, transferNs, shares } = this.demand;
    if (overNs === 0 || writesPerS === 0) return 1;
    const { channels, opsPerS } = this.storage;
    const restNs = (serviceNs - transferNs) / (1 - shares.channels);
    const bytesNs = transferNs / (1 - this.pipeLoad);
    const queueNs = this.tokenWaitNs();
    const beside = this.inFlight.customerNs / overNs / channels;
    const besideBytes = Math.max(beside, this.transferNs / overNs);
    // A request that waits for a token, and those that follow it, put off the guest's: mean work of a queue in order of
    // asking, by the rate at which its square changes. Meanwhile no burst spares the guest its own queue.
    const oneNs = 1e9 / opsPerS;
    const drained = Math.min(1, this.drainedNs / overNs);
    const waiting = this.waiting.customerNs / overNs;
    const lost =
      (waiting * oneNs) / (1 - shares.operations) +
      drained * (oneNs / 2 + this.emptyBucketWaitNs() - queueNs);
    return 1 + (restNs * beside + bytesNs * besideBytes + lost) / (restNs + bytesNs + queueNs);
  }

  /** Load of what bytes must pass: the channel that the request is on, or the whole device's bandwidth. */
  private get pipeLoad(): number {
    return Math.max(this.demand.shares.channels, this.demand.shares.bandwidth);
  }

  private besideGuest({ deviceNs, transferNs }: DeviceWork): { restNs: number; bytesNs: number } {
    return {
      restNs: (deviceNs - transferNs) / (1 - this.demand.shares.channels),
      bytesNs: transferNs / (1 - this.pipeLoad),
    };
  }

  /**
   * Speed of each of n background requests: on a channel of its own but for 1/k of the others, and bytes share the
   * bandwidth, which n requests cannot load above one.
   */
  private speed(clusterBytes: number): (requests: number) => TimeNs {
    const { latency, fixedNs, transferNs } = costsOn(this.storage).of('write', clusterBytes);
    const deviceNs = Math.max(0, latency.meanNs + fixedNs);
    const one = this.besideGuest({
      requests: 1,
      deviceNs,
      transferNs: Math.min(deviceNs, transferNs),
      hostNs: 0,
      writes: true,
    });
    const bytes = one.bytesNs > 0 ? one.bytesNs / (one.restNs + one.bytesNs) : 0;
    const alone = 1 / this.storage.channels;
    const meeting = alone + (1 - alone) * bytes ** 2;
    return (requests) => 1 / Math.max(1 + (requests - 1) * meeting, requests * bytes);
  }

  /** What a guest alone waits for tokens, beyond the burst that the bucket holds. */
  private tokenWaitNs(): TimeNs {
    const { operations } = this.demand.shares;
    if (operations === 0) return 0;
    const saved = Math.max(0, this.storage.burstOps - 1);
    return this.emptyBucketWaitNs() * Math.exp((-2 * (1 - operations) * saved) / operations);
  }

  /** The same of a bucket that holds one at most: the queue M/D/1. */
  private emptyBucketWaitNs(): TimeNs {
    const { operations } = this.demand.shares;
    return operations === 0 ? 0 : ((operations / (2 * (1 - operations))) * 1e9) / this.storage.opsPerS;
  }
}
