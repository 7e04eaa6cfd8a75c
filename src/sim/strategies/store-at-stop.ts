/** What QEMU does with persistent bitmaps today: every one is written to the image in the stop (bdrv_inactivate_all). */
import type { Process } from '../../kernel/process.js';
import type { Disk } from '../machine/disk.js';
import type { EarlyLoad } from '../machine/early-load.js';
import type { Machine } from '../machine/machine.js';
import { bitmapsNow } from '../stop/bitmaps.js';
import { storeWork } from '../stop/requests.js';
import { earlyLoad, Walks } from './before-stop.js';
import { type NoRows, STORED, type StrategyDefinition } from './definition.js';
import type { Strategy } from './strategy.js';

export type StoreAtStopSpec = { readonly name: 'store-at-stop' };

export const storeAtStop: StrategyDefinition<StoreAtStopSpec, NoRows> = {
  name: 'store-at-stop',
  summary: 'written into the image inside the stop, as QEMU does',
  role: 'judged',
  byDefault: true,
  built: true,
  parameters: {},
  variants: [{ name: null, colour: '#D55E00', routes: [{ ...STORED, name: 'store' }] }],
  hooks,
};

function hooks(): Strategy {
  const loads = new Map<Disk, EarlyLoad>();
  const walks = new Walks();
  return {
    delivers: true,
    loadsFromImage: true,
    isPlain: ({ whatIf }) => !whatIf.earlyAllocation && !whatIf.loadEarly && !whatIf.loadAfterResume,
    *whileRunning(machine) {
      const { earlyAllocation, loadEarly } = machine.scenario.whatIf;
      for (const disk of machine.disks) disk.openImage();
      if (loadEarly)
        for (const disk of machine.disksWithBitmaps) loads.set(disk, loadUnchanged(machine, disk));
      if (earlyAllocation) yield* walks.run(machine);
      yield machine.stopAsked;
      for (const load of loads.values()) load.stop();
    },
    pending: (machine) => (machine.scenario.whatIf.earlyAllocation ? walks.pendingBytes : 0),
    atInactivate: storeAll,
    readBefore: (disk) => loads.get(disk)?.clusters ?? 0,
  };
}

/**
 * Only bitmaps that cannot have changed since they were stored can be read early: of the others nobody knows which
 * clusters the copy in the image lacks, without a meta-bitmap.
 */
function loadUnchanged(machine: Machine, disk: Disk): EarlyLoad {
  const load = earlyLoad(machine, disk);
  disk.tracker.sync();
  let first = 0;
  for (const [g, group] of disk.tracker.groups.entries()) {
    const bitmaps = Array.from({ length: group.count }, (_, member) => first + member);
    first += group.count;
    if (group.recording || !disk.spec.bitmaps[g]!.stored) continue;
    // One chunk is one cluster here; a full one may be a mark in the table.
    const inTable = machine.scenario.whatIf.encodeAllOnes ? group.chunkBytes * 8 : Number.NaN;
    for (const [chunk, set] of group.setCount.entries())
      if (set > 0 && set !== inTable) for (const bitmap of bitmaps) load.want(bitmap, chunk);
  }
  return load;
}

function* storeAll(machine: Machine): Process {
  for (const disk of machine.disks) {
    const work = storeWork(disk.image, bitmapsNow(disk.tracker, disk.spec), machine.scenario.whatIf);
    const timer = machine.timer(disk, 'store');
    yield timer.bitmapsNs();
    machine.lap('store_qemu');
    yield* machine.performStopped(work.ops, timer);
    machine.markAllStored(disk);
  }
}
