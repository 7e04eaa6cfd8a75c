/**
 * What-if loadAfterResume: the destination runs at once, with an empty successor beside every bitmap that the image
 * holds, and reads and merges the stored ones while the guest writes on the same device. Disks are read beside one
 * another, each one request at a time (or queueDepth), as the flusher writes them.
 */
import type { Process } from '../../kernel/process.js';
import type { Disk } from '../machine/disk.js';
import { type Machine, opText } from '../machine/machine.js';
import type { Strategy } from '../strategies/strategy.js';

/** Ends when the last bitmap is whole. */
export function* loadAfterResume(machine: Machine, strategy: Strategy): Process {
  machine.guestRuns();
  const readers = machine.disks.map((disk) =>
    machine.kernel.spawn('load', readContents(machine, disk, strategy.readBefore?.(disk) ?? 0)),
  );
  for (const reader of readers) yield reader;
}

function* readContents(machine: Machine, disk: Disk, readBefore: number): Process {
  const { kernel } = machine;
  const timer = machine.timer(disk, 'load-after-resume');
  yield timer.bitmapsNs();
  const backing = disk.backing.map((image, depth) => ({
    device: image.device,
    timer: machine.timerOn(image, `storage/load-after-resume/${disk.index}/backing/${depth}`),
    ops: image.image.readContents(0),
  }));
  const own = { device: disk.device, timer, ops: disk.image.readContents(readBefore) };
  for (const { device, timer: times, ops } of [...backing.reverse(), own])
    for (const op of ops) {
      const fromNs = kernel.nowNs;
      yield* device.use(times.backgroundWork([op]));
      machine.observe('image (destination)', opText(op), fromNs, kernel.nowNs);
    }
}
