/**
 * Real VMs that stop at the same time with their images on one volume, each at a place of its own in it. Per repeat each goes
 * through the stops of `measureStore`: without bitmaps, a first store, a replacement.
 */
import { readFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from 'simple-statistics';
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import type { Cleanup } from '../process/cleanup.js';
import { clustersTouched } from '../qemu/content.js';
import { Nbd } from '../qemu/nbd.js';
import { startVolume, type Volume } from '../qemu/nbdkit.js';
import { type BlockNode, type Qemu, startQemu } from '../qemu/qemu.js';
import { resumeSource, type Stop, setCapabilities, stopOnce } from '../qemu/stop.js';
import { STORE_PHASES, type StorePhase } from '../qemu/store.js';
import {
  addBitmaps,
  createImage,
  diskName,
  paintPattern,
  patternNodes,
  removeBitmaps,
} from '../qemu/test-image.js';
import { calibrateVolume, type VolumeCalibration } from '../qemu/volume-probe.js';
import { DISK_BYTES, type TogetherCell } from './grid.js';
import { drain, probeLoaded, type VolumeLoad } from './volume-load.js';

export const CLUSTER_BYTES = 65_536;
export const GRANULARITY_BYTES = 65_536;

/** One stop of one of the VMs. */
export interface TogetherRow {
  readonly cell: TogetherCell;
  readonly repeat: number;
  readonly phase: StorePhase;
  readonly vm: number;
  /** After the first of them stopped. */
  readonly startMs: number;
  readonly dirtyClusters: number;
  readonly oldClusters: number;
  readonly baselineMs: number;
  /** What the bitmaps took of it. */
  readonly bitmapMs: number;
  readonly calibration: VolumeCalibration;
  readonly loaded: VolumeLoad;
  readonly load1: number;
}

/** Room in the volume for each VM's image, whatever its disk. */
const PLACE_BYTES = 2 ** 40;
const BITS = bitmapBits(DISK_BYTES, GRANULARITY_BYTES);
const ALL_BITS = [{ first: 0, count: BITS }];

function nodesOf({ socket }: Volume, vm: number): BlockNode[] {
  const place = { offset: vm * PLACE_BYTES, size: PLACE_BYTES };
  return [
    ...patternNodes(DISK_BYTES),
    { driver: 'nbd', server: { type: 'unix', path: socket }, 'node-name': 'volume', discard: 'unmap' },
    { driver: 'raw', file: 'volume', 'node-name': 'place', discard: 'unmap', ...place },
    { driver: 'qcow2', file: 'place', 'node-name': diskName(0), discard: 'unmap' },
  ];
}

/** An empty image, copied to the place of each VM: qemu-img makes none inside of a volume. */
async function placeImages(cleanup: Cleanup, runDir: string, volume: Volume, vms: number): Promise<void> {
  const path = join(runDir, 'empty.qcow2');
  await createImage(cleanup, { kind: 'file', path, cache: 'writeback' }, DISK_BYTES, CLUSTER_BYTES);
  const bytes = readFileSync(path);
  const nbd = await Nbd.connect(volume.socket);
  for (let vm = 0; vm < vms; vm++)
    for (let at = 0; at < bytes.length; at += CLUSTER_BYTES)
      await nbd.write(vm * PLACE_BYTES + at, bytes.subarray(at, at + CLUSTER_BYTES));
  nbd.close();
}

async function startVm(cleanup: Cleanup, runDir: string, volume: Volume, vm: number): Promise<Qemu> {
  const qemu = await startQemu(cleanup, runDir, `vm${vm}`, nodesOf(volume, vm), { disks: [diskName(0)] });
  await setCapabilities(qemu);
  await paintPattern(qemu, ALL_BITS, GRANULARITY_BYTES, DISK_BYTES);
  return qemu;
}

/** All of them stop, and when all have, run again. */
async function stopAll(qemus: readonly Qemu[]): Promise<readonly Stop[]> {
  const stops = await Promise.all(qemus.map((qemu) => stopOnce(qemu)));
  await Promise.all(qemus.map((qemu) => resumeSource(qemu)));
  return stops;
}

/** Plays one cell so often. */
export async function playTogether(
  cleanup: Cleanup,
  cell: TogetherCell,
  repeats: number,
): Promise<TogetherRow[]> {
  const { vms, bitmaps, rateBytesPerS } = cell;
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const volume = await startVolume(cleanup, runDir, 'volume', cell.volume);
  await placeImages(cleanup, runDir, volume, vms);
  const numbers = Array.from({ length: vms }, (_, vm) => vm);
  const qemus = await Promise.all(numbers.map((vm) => startVm(cleanup, runDir, volume, vm)));
  await probeLoaded(volume.socket);
  const calibration = await calibrateVolume(volume.socket);
  const loaded = await probeLoaded(volume.socket);
  const clusters = clustersTouched(ALL_BITS, 8 * CLUSTER_BYTES);
  const baselines: number[] = [];
  const rows: TogetherRow[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    // What the removal of bitmaps left to write back belongs to no phase.
    if (repeat > 0) await stopAll(qemus);
    for (const phase of STORE_PHASES) {
      if (phase === 'first') for (const qemu of qemus) await addBitmaps(qemu, 0, bitmaps, GRANULARITY_BYTES);
      if (rateBytesPerS !== undefined) await drain(volume.socket, rateBytesPerS);
      const stops = await stopAll(qemus);
      if (phase === 'baseline') {
        baselines.push(...stops.map(({ stopMs }) => stopMs));
        continue;
      }
      const firstUs = Math.min(...stops.map(({ fromUs }) => fromUs));
      const baselineMs = median(baselines);
      for (const [vm, { fromUs, stopMs }] of stops.entries())
        rows.push({
          cell,
          repeat,
          phase,
          vm,
          startMs: (fromUs - firstUs) / 1000,
          dirtyClusters: clusters,
          oldClusters: phase === 'replace' ? clusters : 0,
          baselineMs,
          bitmapMs: stopMs - baselineMs,
          calibration,
          loaded,
          load1: loadavg()[0]!,
        });
    }
    for (const qemu of qemus) await removeBitmaps(qemu, 0, bitmaps);
  }
  for (const qemu of qemus) await qemu.quit();
  await volume.stop();
  return rows;
}
