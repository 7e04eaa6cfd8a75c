/** What the guest's writes ask of the device: of its channels, its bandwidth and the operations it admits. */
import { remembered } from '../../base/remembered.js';
import { formatRate } from '../../base/units.js';
import { shareOfWrites } from '../guest/disk-guest.js';
import type { GuestSpec, Scenario, StorageSpec } from '../scenario.js';
import { costsOn } from '../storage/costs.js';
import { dataStorage, storagesOf } from '../storage/places.js';

/** The guest never gets more than this share of the device: beyond it a queue would grow for ever. */
const SHARE_MAX = 0.95;

export interface GuestDemand {
  readonly writesPerS: number;
  /** Shares of the device, of what other VMs leave of it. */
  readonly shares: { readonly channels: number; readonly bandwidth: number; readonly operations: number };
  /** Mean time of a write on an idle device, and the part of it that is bytes. */
  readonly serviceNs: number;
  readonly transferNs: number;
}

/** Sizes of the writes with their shares; of a trace the mean size stands for all. */
function sizesOf(guest: GuestSpec): readonly { readonly bytes: number; readonly share: number }[] {
  if (guest.kind === 'trace') {
    const bytes = guest.lengthsBytes.reduce((sum, length) => sum + length, 0);
    return [{ bytes: bytes / Math.max(1, guest.lengthsBytes.length), share: 1 }];
  }
  const weights = guest.parts.reduce((sum, { weight }) => sum + weight, 0);
  return guest.parts.flatMap(({ weight, sizes }) => {
    const all = sizes.reduce((sum, size) => sum + size.weight, 0);
    return sizes.map((size) => ({ bytes: size.bytes, share: (weight / weights) * (size.weight / all) }));
  });
}

function askedPerS(guest: GuestSpec): number {
  if (guest.kind === 'synthetic') return guest.writesPerS;
  return (guest.timesNs.length / Math.max(1, guest.durationNs)) * 1e9 * guest.rate;
}

/** Bytes per second that the device takes for good: what a cache defers, the flush pays. */
function sustainedBytesPerS(storage: StorageSpec): number {
  const { flushNsPerByte } = costsOn(storage);
  return Math.min(
    storage.ops.write.bytesPerS,
    flushNsPerByte > 0 ? 1e9 / flushNsPerByte : Number.POSITIVE_INFINITY,
  );
}

/** Share of the guest's writes that go to disks whose data is on this storage. */
function shareOn({ storage, disks, guest }: Scenario, device: StorageSpec): number {
  const here = disks.map((disk) => dataStorage({ storage }, disk).name === device.name);
  if (here.every((is) => is)) return 1;
  if (guest.kind === 'trace')
    return guest.disks.reduce((sum, disk) => sum + (here[disk] ? 1 : 0), 0) / Math.max(1, guest.disks.length);
  return disks.reduce((sum, _, i) => sum + (here[i] ? shareOfWrites(guest, disks, i) : 0), 0);
}

/** What the guest asks one storage for, whether or not the device can give it. */
function asked(scenario: Scenario, storage: StorageSpec): GuestDemand {
  const { guest } = scenario;
  const costs = costsOn(storage);
  const writesPerS = askedPerS(guest) * shareOn(scenario, storage);
  const left = 1 - storage.otherLoad;
  let serviceNs = 0;
  let transferNs = 0;
  let bytes = 0;
  for (const size of sizesOf(guest)) {
    const { latency, fixedNs, transferNs: transfer } = costs.of('write', size.bytes);
    const oneNs = Math.max(0, latency.meanNs + fixedNs) / left;
    serviceNs += size.share * oneNs;
    transferNs += size.share * Math.min(oneNs, transfer / left);
    bytes += size.share * size.bytes;
  }
  const shares = {
    channels: (writesPerS * serviceNs) / 1e9 / storage.channels,
    bandwidth: (writesPerS * bytes) / (sustainedBytesPerS(storage) * left),
    operations: writesPerS / storage.opsPerS,
  };
  return { writesPerS, shares, serviceNs, transferNs };
}

/** Share of its writes that the guest gets done. */
function granted({ channels, bandwidth, operations }: GuestDemand['shares']): number {
  return Math.min(1, SHARE_MAX / Math.max(channels, bandwidth, operations));
}

/** Asked for in every replication, and the same in all. */
const known = new WeakMap<Scenario, Map<StorageSpec, GuestDemand>>();

/** What the guest asks one storage for and gets. */
export function guestDemand(scenario: Scenario, storage: StorageSpec): GuestDemand {
  const ofScenario = remembered(known, scenario, () => new Map<StorageSpec, GuestDemand>());
  return remembered(ofScenario, storage, () => got(scenario, storage));
}

function got(scenario: Scenario, storage: StorageSpec): GuestDemand {
  const demand = asked(scenario, storage);
  const part = granted(demand.shares);
  const { channels, bandwidth, operations } = demand.shares;
  return {
    ...demand,
    writesPerS: part * demand.writesPerS,
    shares: { channels: part * channels, bandwidth: part * bandwidth, operations: part * operations },
  };
}

/** The guest as this storage lets it write: more slowly where it asks for more than there is. */
export function heldBack(scenario: Scenario, storage: StorageSpec): GuestSpec {
  const { guest } = scenario;
  const part = granted(asked(scenario, storage).shares);
  if (part === 1) return guest;
  return guest.kind === 'synthetic'
    ? { ...guest, writesPerS: part * guest.writesPerS }
    : { ...guest, rate: part * guest.rate };
}

/** What the guest cannot get, in words, one line a storage; none where it gets everything. */
export function heldBackNotes(scenario: Scenario): readonly string[] {
  return storagesOf(scenario).flatMap((storage) => heldBackOn(scenario, storage) ?? []);
}

function heldBackOn(scenario: Scenario, storage: StorageSpec): string | null {
  const demand = asked(scenario, storage);
  const part = granted(demand.shares);
  if (part === 1) return null;
  const { channels, bandwidth, operations } = demand.shares;
  const most = Math.max(channels, bandwidth, operations);
  const limit =
    most === operations
      ? `${storage.opsPerS} operations/s`
      : most === bandwidth
        ? formatRate(sustainedBytesPerS(storage))
        : `${storage.channels} write(s) at a time`;
  const perS = (writes: number): string => `${Number(writes.toPrecision(3))} writes/s`;
  return (
    `the workload asks for ${perS(demand.writesPerS)}, ${Number(most.toPrecision(3))} times what ` +
    `${storage.name} takes (${limit}): the guest gets ${perS(part * demand.writesPerS)}, 95 % of the device`
  );
}
