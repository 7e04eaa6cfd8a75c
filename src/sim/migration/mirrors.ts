/** The mirrors of a migration's disks, where they are copied along: before it begins, and in its stop. */
import { remembered } from '../../base/remembered.js';
import type { TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { guestDemand } from '../machine/guest-demand.js';
import type { Machine } from '../machine/machine.js';
import { guestOn } from '../machine/trackers.js';
import { type LeftChunks, Mirrors } from '../mirror/mirror.js';
import type { LinkSpec, MirrorSpec, Scenario } from '../scenario.js';
import { costsOn } from '../storage/costs.js';
import { dataStorage } from '../storage/places.js';

/** RAM gets no less of a link that mirrors share with it. */
const LEAST_OF_LINK = 0.05;

/** The mirrors, and what they do to the guest: 1 is nothing. */
interface Mirrored {
  readonly mirrors: Mirrors;
  readonly guestSlowdown: number;
}

const known = new WeakMap<Scenario, Mirrored>();

/** Undefined: the storage is shared. */
export function mirrorsOf(scenario: Scenario): Mirrored | undefined {
  const { mirror } = scenario;
  if (!mirror) return undefined;
  return remembered(known, scenario, () => ({
    mirrors: new Mirrors(scenario, mirror, (index) => ({
      ...guestOn(scenario, index),
      index,
      sizeBytes: scenario.disks[index]!.sizeBytes,
    })),
    guestSlowdown: slowdown(scenario, mirror),
  }));
}

/** A write that waits for its copy takes as long as both, one after the other (bdrv_mirror_top_do_write). */
function slowdown(scenario: Scenario, { copyMode, target }: MirrorSpec): number {
  if (copyMode === 'background') return 1;
  const source = dataStorage(scenario, scenario.disks[0]!);
  const ownNs = guestDemand(scenario, source).serviceNs;
  const copyNs = scenario.link.roundTripNs + guestDemand(scenario, target ?? source).serviceNs;
  return ownNs > 0 ? 1 + copyNs / ownNs : 1;
}

/** What the mirrors leave of the link to RAM. */
export function linkBesideMirrors(scenario: Scenario): LinkSpec {
  const { link } = scenario;
  const mirrored = mirrorsOf(scenario);
  if (!mirrored || !Number.isFinite(link.bytesPerS)) return link;
  const left = link.bytesPerS - mirrored.mirrors.linkBytesPerS;
  return { ...link, bytesPerS: Math.max(LEAST_OF_LINK * link.bytesPerS, left) };
}

/** The guest runs until all mirrors are ready; then the migration begins. Why they never are, or null. */
export function* untilReady(machine: Machine, watched: boolean): Process<string | null> {
  const mirrored = mirrorsOf(machine.scenario);
  if (!mirrored) return null;
  const { readyNs, copiedBytes, reason } = mirrored.mirrors.course();
  const fromNs = machine.kernel.nowNs;
  yield readyNs ?? machine.scenario.migration.timeoutNs;
  machine.observe('migration', 'the disks are mirrored', fromNs, machine.kernel.nowNs);
  machine.counters.mirrorNs += machine.kernel.nowNs - fromNs;
  machine.counters.mirrorBytes += copiedBytes;
  machine.beginMigration(watched);
  return reason;
}

/**
 * In the stop: the mirrors go on as soon as the devices are drained, while QEMU waits in pre-switchover for management; told
 * to end, each copies what is left and flushes its copy; then management lets the migration go on.
 */
export function* endMirrors(machine: Machine): Process {
  const { mirror } = machine.scenario;
  const mirrored = mirrorsOf(machine.scenario);
  if (!mirror || !mirrored) return;
  const left = mirrored.mirrors.leftAt(machine.stream('mirror/phase').uniform());
  const endNs = left.map((each, i) => Math.max(mirror.managementNs, each.ns) + flushNs(machine, each, i));
  yield Math.round(Math.max(...endNs) + mirror.managementNs);
  machine.counters.mirrorBytes += left.reduce((sum, { bytes }) => sum + bytes, 0);
  machine.lap('mirror');
}

/** The guest's own device shares the disk with nobody: management ends the export before it lets the guest run. */
export function* endExport(machine: Machine): Process {
  const { mirror } = machine.scenario;
  if (!mirror) return;
  yield mirror.managementNs;
  machine.lap('mirror');
}

/** Once when the mirror is in step, once when it lets its copy go (bdrv_close). */
const FLUSHES = 2;

/** The copy is flushed through its export; where nothing was written since the last time its file need not be. */
function flushNs(machine: Machine, { target, bytes }: LeftChunks, index: number): TimeNs {
  const flushes = target.idleFlushes === 'sent' ? FLUSHES : Math.min(1, bytes);
  if (flushes === 0) return 0;
  const costs = costsOn(target);
  const drawnNs = costs.of('flush', 0).latency.draw(machine.stream(`mirror/flush/${index}`));
  return (flushes * drawnNs + bytes * costs.flushNsPerByte) / (1 - target.otherLoad);
}
