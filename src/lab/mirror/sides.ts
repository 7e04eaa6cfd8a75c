/** Both ends of a mirror: a QEMU with its disk on a volume of known delay, one with an empty copy, the mirror between them. */
import { join } from 'node:path';
import type { Cleanup } from '../process/cleanup.js';
import { startVolume, type Volume } from '../qemu/nbdkit.js';
import { type Qemu, startQemu } from '../qemu/qemu.js';
import type { Qmp } from '../qemu/qmp.js';
import { createImage, diskName, diskNodes, type ImagePlace, patternNodes } from '../qemu/test-image.js';
import { calibrateVolume, type VolumeCalibration } from '../qemu/volume-probe.js';

export const CHUNK_BYTES = 65_536;
export const JOB = 'mirror0';
const CLUSTER_BYTES = 65_536;
const EXPORT_SOCKET = 'copy.nbd';

export interface Side {
  readonly qemu: Qemu;
  readonly volume: Volume;
  readonly calibration: VolumeCalibration;
}

/** All but a moment of it lies between two QEMUs of this machine. */
export const nowUs = (): number => (performance.timeOrigin + performance.now()) * 1000;

/** A QEMU with one empty disk. */
export async function startSide(
  cleanup: Cleanup,
  runDir: string,
  name: 'source' | 'target',
  diskBytes: number,
  delayMs: number,
): Promise<Side> {
  const delays = { readDelayMs: delayMs, writeDelayMs: delayMs };
  const volume = await startVolume(cleanup, runDir, `${name}-volume`, delays);
  const calibration = await calibrateVolume(volume.socket);
  const place: ImagePlace = { kind: 'nbd', socket: volume.socket, uri: volume.uri };
  await createImage(cleanup, place, diskBytes, CLUSTER_BYTES);
  const nodes = [...(name === 'source' ? patternNodes(diskBytes) : []), ...diskNodes(place, 0, true)];
  const disks = [diskName(0)];
  const role = name === 'target' ? { incoming: true, isPaused: true } : { sharesWrites: true };
  const qemu = await startQemu(cleanup, runDir, name, nodes, { disks, ...role });
  return { qemu, volume, calibration };
}

/** The target's disk, for the mirror to write to. */
export async function exportCopy({ qmp }: Qemu, runDir: string): Promise<void> {
  const path = join(runDir, EXPORT_SOCKET);
  await qmp.execute('nbd-server-start', { addr: { type: 'unix', data: { path } } });
  const disk = diskName(0);
  await qmp.execute('block-export-add', {
    type: 'nbd',
    id: 'copy',
    'node-name': disk,
    name: disk,
    writable: true,
  });
}

export interface MirrorStart {
  /** Of the events that follow. */
  readonly since: number;
  readonly fromUs: number;
}

/** Begins to mirror the source's disk; `speed`: bytes a second, no limit if left out. */
export async function startMirror(
  qmp: Qmp,
  runDir: string,
  { copyMode, speed }: { readonly copyMode: string; readonly speed?: number | undefined },
): Promise<MirrorStart> {
  await qmp.execute('blockdev-add', {
    driver: 'nbd',
    'node-name': 'copy',
    server: { type: 'unix', path: join(runDir, EXPORT_SOCKET) },
    export: diskName(0),
    discard: 'unmap',
  });
  const since = qmp.events.length;
  const fromUs = nowUs();
  await qmp.execute('blockdev-mirror', {
    'job-id': JOB,
    device: diskName(0),
    target: 'copy',
    sync: 'full',
    'copy-mode': copyMode,
    ...(speed !== undefined && { speed }),
  });
  return { since, fromUs };
}
