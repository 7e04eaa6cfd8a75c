/** Two QEMUs for one migration: a guest that dirties its memory at a known rate, and who waits for it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { type BlockNode, type Qemu, startQemu } from '../qemu/qemu.js';
import { bootSector, COUNTER_ADDRESS, type DirtyGuest } from './boot-sector.js';
import type { Wire } from './wire.js';

export interface BothQemus {
  readonly source: Qemu;
  readonly target: Qemu;
}

/** What the two have beside the guest itself. */
export interface Surroundings {
  readonly nodes: readonly BlockNode[];
  readonly disks: readonly string[];
  readonly wire: Wire;
}

const BOOT = 'boot';
/** The firmware does not boot from a disk of less than a cylinder. */
const BOOT_DISK_BYTES = 2 ** 20;
/** For the guest to fill its memory. */
const BOOT_TIMEOUT_MS = 60_000;
/** A guest that writes nothing tells nobody when it has filled its memory. */
const SILENT_BOOT_MS = 2000;

/** All of its memory, the first MiB with it. */
export const guestBytes = ({ spanBytes }: Pick<DirtyGuest, 'spanBytes'>): number => spanBytes + 2 ** 20;

/** Starts both; the guest writes when this returns. */
export async function startDirtyGuest(
  cleanup: Cleanup,
  runDir: string,
  guest: DirtyGuest,
  { nodes, disks, wire }: Surroundings,
): Promise<BothQemus> {
  writeFileSync(join(runDir, BOOT), Buffer.concat([bootSector(guest), Buffer.alloc(BOOT_DISK_BYTES)]));
  const boot: BlockNode = { driver: 'file', 'node-name': BOOT, filename: BOOT, 'read-only': true };
  const all = [boot, ...nodes];
  const options = { disks: [BOOT, ...disks], ramBytes: guestBytes(guest) };
  const source = await startQemu(cleanup, runDir, 'source', all, { ...options, within: wire.source });
  const target = await startQemu(cleanup, runDir, 'target', all, {
    ...options,
    incoming: true,
    within: wire.target,
  });
  const endMs = Date.now() + BOOT_TIMEOUT_MS;
  const wanted = guest.pagesPerS > 0 ? 1 : 0;
  while ((await writesOf(source)) < wanted) {
    if (Date.now() > endMs) throw new LabError('the guest does not begin to write');
    await sleep(20);
  }
  if (wanted === 0) await sleep(SILENT_BOOT_MS);
  return { source, target };
}

/** How often the guest has written. The firmware leaves something else there before it starts. */
export async function writesOf(qemu: Qemu): Promise<number> {
  const text = await qemu.qmp.execute<string>('human-monitor-command', {
    'command-line': `xp /1wx 0x${COUNTER_ADDRESS.toString(16)}`,
  });
  return Number.parseInt(text.split(':')[1] ?? '', 16);
}
