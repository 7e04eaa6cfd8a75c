/** Requests to an image while the guest runs that what-if switches move out of the stop. */
import type { Process } from '../../kernel/process.js';
import type { Disk } from '../machine/disk.js';
import { EarlyLoad } from '../machine/early-load.js';
import { type Machine, opText } from '../machine/machine.js';

/** The walks of all disks at once, and whether they are over: until then the core is told to go on (a patch would do this in setup). */
export class Walks {
  private over = false;

  /** What the core is to count as pending for the walks. */
  get pendingBytes(): number {
    return this.over ? 0 : Number.POSITIVE_INFINITY;
  }

  *run(machine: Machine): Process {
    const walks = machine.disksWithBitmaps.map((disk) =>
      machine.kernel.spawn('walk', walkEarly(machine, disk)),
    );
    for (const walk of walks) yield walk;
    this.over = true;
  }
}

/** The walk to the first free cluster, which otherwise the first allocation in the stop pays for. */
function* walkEarly(machine: Machine, disk: Disk): Process {
  const timer = machine.timer(disk, 'walk');
  for (const op of disk.image.allocateEarly()) {
    const fromNs = machine.kernel.nowNs;
    yield* disk.device.use(timer.backgroundWork([op]));
    machine.observe('image', opText(op), fromNs, machine.kernel.nowNs);
  }
}

/** The destination's reader of a disk (what-if loadEarly). */
export function earlyLoad(machine: Machine, disk: Disk): EarlyLoad {
  const timer = machine.timer(disk, 'early-load');
  const bytes = disk.spec.clusterBytes;
  return new EarlyLoad((done) =>
    disk.device.serve(timer.backgroundWork([{ op: 'read', bytes, count: 1, purpose: 'load' }]), done),
  );
}
