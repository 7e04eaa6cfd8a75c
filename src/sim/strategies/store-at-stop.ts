/** What QEMU does with persistent bitmaps today: every one is written to the image in the stop (bdrv_inactivate_all). */
import type { Process } from '../../kernel/process.js';
import type { Machine } from '../migration/machine.js';
import { storedBitmaps } from './stored-bitmaps.js';
import type { Strategy } from './strategy.js';

export function storeAtStop(): Strategy {
  return { delivers: true, loadsFromImage: true, atInactivate: storeAll };
}

function* storeAll(machine: Machine): Process {
  for (const disk of machine.disks) {
    const ops = disk.image.store(storedBitmaps(disk.tracker, disk.spec), machine.scenario.whatIf);
    const timer = machine.timer(disk, 'store');
    yield timer.storeFixedNs();
    machine.lap('store_qemu');
    yield* machine.performStopped(ops, timer);
    machine.markAllStored(disk);
  }
}
