/** One process of an outcome that real QEMU plays: what its guest writes, and what can be seen of its bitmap. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BITMAP, DEFAULT_GROUPS } from '../../src/fate/stage.js';
import type { Group } from '../../src/fate/steps.js';
import type { Fate } from '../../src/fate/verdict.js';
import { runProgram } from '../../src/lab/process/programs.js';
import type { Qemu } from '../../src/lab/qemu/qemu.js';

export const DISK_BYTES = 16 * 2 ** 30;
export const GRANULARITY = 65_536;
const GUEST = '/machine/peripheral-anon/device[0]/virtio-backend';

/** A process and its image. On shared storage both have the same, and what was written is in either. */
export interface Host {
  readonly qemu: Qemu;
  readonly image: string;
  readonly node: string;
  written: Group[];
}

interface RealBitmap {
  readonly name?: string;
  readonly inconsistent?: boolean;
  readonly busy: boolean;
}

export const alive = (qemu: Qemu): boolean => {
  try {
    return process.kill(qemu.pid, 0);
  } catch {
    return false;
  }
};

export async function until(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (await test()) return;
    await sleep(5);
  }
  throw new Error(`waited 10 s for ${what}`);
}

export async function kill(qemu: Qemu | undefined): Promise<void> {
  if (!qemu || !alive(qemu)) return;
  process.kill(qemu.pid, 'SIGKILL');
  await until(`${qemu.name} to die`, () => !alive(qemu));
}

export const status = async (qemu: Qemu): Promise<string> =>
  (await qemu.qmp.execute<{ status: string }>('query-status')).status;

/** The guest writes a group; what it wrote is not noted. */
export async function guestWrite(qemu: Qemu, group: Group): Promise<void> {
  for (const granule of DEFAULT_GROUPS[group]) {
    const command = `qemu-io -d ${GUEST} "write -q -P 1 ${granule * GRANULARITY} 4096"`;
    const said = await qemu.qmp.execute<string>('human-monitor-command', { 'command-line': command });
    if (said.trim()) throw new Error(`guest write: ${said}`);
  }
}

function hashOf(groups: readonly Group[]): string {
  const bits = Buffer.alloc(DISK_BYTES / GRANULARITY / 8);
  for (const group of groups)
    for (const granule of DEFAULT_GROUPS[group]) bits[granule >> 3]! |= 1 << (granule & 7);
  return createHash('sha256').update(bits).digest('hex');
}

/** What the bitmap in a process is worth; `arriving`: on the side that a migration leads to. */
export async function fateIn({ qemu, node, written }: Host, arriving: boolean): Promise<Fate> {
  const state = await status(qemu);
  if (state === 'inmigrate') return 'dead';
  const nodes = await qemu.qmp
    .execute<{ 'node-name': string; 'dirty-bitmaps'?: RealBitmap[] }[]>('query-named-block-nodes', {
      flat: true,
    })
    .catch((error: Error) => {
      if (error.message.includes('ejected')) return undefined;
      throw error;
    });
  if (!nodes) return 'dead';
  const found = nodes.find((each) => each['node-name'] === node);
  const bitmap = found?.['dirty-bitmaps']?.find((each) => each.name === BITMAP);
  if (!bitmap) return 'lost';
  if (bitmap.inconsistent) return 'inconsistent';
  if (bitmap.busy && arriving) return 'incomplete';
  const { sha256 } = await qemu.qmp.execute<{ sha256: string }>('x-debug-block-dirty-bitmap-sha256', {
    node,
    name: BITMAP,
  });
  if (sha256 === hashOf(written)) return 'exact';
  return state === 'running' ? 'wrong' : 'stale';
}

/** The flags of the bitmap in an image. */
export async function imageFlags(image: string): Promise<string> {
  const { stdout } = await runProgram('qemu-img', ['info', '-U', '--output=json', image], 30_000);
  const bitmaps: { name: string; flags: string[] }[] =
    JSON.parse(stdout)['format-specific'].data.bitmaps ?? [];
  const found = bitmaps.find((each) => each.name === BITMAP);
  return found ? found.flags.join('+') || 'none' : 'absent';
}
