/** What the destination does with the images in the stop. */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import type { Disk } from '../machine/disk.js';
import type { ImageTimer } from '../machine/image-timer.js';
import { type Machine, opText } from '../machine/machine.js';
import { gathered } from '../stop/gathered.js';
import { recountedNs } from '../stop/recount.js';
import type { Strategy } from '../strategies/strategy.js';
import type { StoreOp } from '../types.js';

/**
 * bdrv_activate_all on the destination: every image is opened, its bitmaps read back and marked in use. A copy that a
 * mirror writes has been open since its export began (blk_exp_add), and there is no bitmap in it.
 */
export function* load(machine: Machine, strategy: Strategy): Process {
  if (machine.scenario.mirror) return;
  const contentsLater = machine.scenario.whatIf.loadAfterResume;
  for (const disk of machine.disks) {
    yield* loadBacking(machine, strategy, disk);
    const ops = strategy.loadsFromImage
      ? disk.image.activate({ readBefore: strategy.readBefore?.(disk) ?? 0, contentsLater })
      : disk.bareRequests('activate');
    const timer = machine.timer(disk, 'load');
    if (strategy.loadsFromImage && !contentsLater) yield timer.bitmapsNs();
    yield* read(machine, ops, timer);
    if (strategy.loadsFromImage && !contentsLater)
      yield* machine.recount(disk, recountNs(machine, disk, ops, strategy));
  }
  machine.lap('load');
}

/** What was loaded is counted anew; clusters that were read early (what-if loadEarly) have been counted then. */
function recountNs(machine: Machine, disk: Disk, ops: readonly StoreOp[], { readBefore }: Strategy): TimeNs {
  const clusters = ops.reduce(
    (sum, { purpose, bytes, count }) =>
      sum + (purpose === 'load' && bytes === disk.spec.clusterBytes ? count : 0),
    0,
  );
  const early = readBefore?.(disk) ?? 0;
  const share = early > 0 ? clusters / (clusters + early) : 1;
  return Math.round(share * recountedNs(machine.scenario.host, disk.tracker));
}

/** The images under a disk, from the lowest up. Their bitmaps are read whatever becomes of the disk's own. */
function* loadBacking(machine: Machine, strategy: Strategy, disk: Disk): Process {
  const { hasBitmaps = true, loadsFromImage } = strategy;
  for (const [depth, backing] of [...disk.backing.entries()].reverse()) {
    const image = hasBitmaps ? backing.image : backing.bareImage();
    const timer = machine.timerOn(backing, `storage/load/${disk.index}/backing/${depth}`);
    const contentsLater = loadsFromImage && machine.scenario.whatIf.loadAfterResume;
    yield* read(machine, image.activate({ contentsLater }), timer);
  }
}

function* read(machine: Machine, ops: readonly StoreOp[], timer: ImageTimer): Process {
  for (const op of gathered(ops)) {
    const fromNs = machine.kernel.nowNs;
    yield* timer.perform(op);
    machine.observe('image (destination)', opText(op), fromNs, machine.kernel.nowNs);
  }
}
