/**
 * Real stops, with and without bitmaps. One QEMU goes through a series of stops per repeat:
 *
 *   baseline   no bitmap: what a stop costs anyway
 *   first      bitmaps that were never stored
 *   replace    the same bitmaps again, an older copy in the image
 *
 * after each of which the source resumes and loads its bitmaps back.
 */
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from 'simple-statistics';
import { namedStream } from '../../kernel/rng.js';
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import type { OpCounts } from '../../sim/qcow2/op-counts.js';
import type { Cleanup } from '../process/cleanup.js';
import { clustersTouched, contentRuns, type GranuleRun, type Layout } from './content.js';
import { startVolume, type Volume, type VolumeOptions } from './nbdkit.js';
import { type Qemu, startQemu } from './qemu.js';
import { countRequests, minusCounts, sequenceOf } from './requests.js';
import { resumeSource, type Stop, setCapabilities, stopOnce } from './stop.js';
import {
  addBitmaps,
  createImage,
  diskName,
  diskNodes,
  type HostCache,
  type ImagePlace,
  paintPattern,
  patternNodes,
  removeBitmaps,
} from './test-image.js';
import { calibrateVolume, type VolumeCalibration } from './volume-probe.js';

export const STORE_PHASES = ['baseline', 'first', 'replace'] as const;
export type StorePhase = (typeof STORE_PHASES)[number];

/** What is to be measured. Sizes in bytes. */
export interface Situation {
  readonly diskBytes: number;
  readonly disks: number;
  readonly clusterBytes: number;
  readonly granularityBytes: number;
  /** Persistent bitmaps per disk, all with the same bits. */
  readonly bitmaps: number;
  readonly bits: number;
  readonly layout: Layout;
  readonly discard: boolean;
  /** Every guest cluster has its place in the image before anything is measured (metadata preallocation). */
  readonly preallocated: boolean;
  /** The guest's data in a file of its own; `volume`: where the disk's own volume is nbdkit's. */
  readonly dataFile?: { readonly raw: boolean; readonly volume?: VolumeOptions };
  readonly repeats: number;
  readonly seed: number;
  readonly storage: StoragePlace;
}

export type StoragePlace =
  | { readonly kind: 'nbdkit'; readonly volume: VolumeOptions }
  | { readonly kind: 'directory'; readonly path: string; readonly cache: HostCache };

export interface StoreRow {
  readonly repeat: number;
  readonly phase: StorePhase;
  /** Per bitmap: set bits, clusters with a set bit, and clusters of the copy replaced; 0 for the baseline. */
  readonly setBits: number;
  readonly dirtyClusters: number;
  readonly oldClusters: number;
  readonly stopMs: number;
  readonly downtimeMs: number;
  /** Median of the baselines so far, and the stop less that: the bitmaps' part. */
  readonly baselineMs: number;
  readonly bitmapMs: number;
  /** Requests because of the bitmaps (baseline taken off); undefined where the storage counts none. */
  readonly requests: OpCounts | undefined;
  readonly sequence: string | undefined;
  /** Requests to the data files in this stop, where there are some on volumes. */
  readonly dataSequence?: string | undefined;
  readonly load1: number;
  readonly calibration: VolumeCalibration | undefined;
}

/** The set bits of a situation: the same for the same seed, wherever it is measured. */
export function situationRuns(situation: Situation): GranuleRun[] {
  const total = bitmapBits(situation.diskBytes, situation.granularityBytes);
  const rng = namedStream(situation.seed, 0, 'measure-content');
  return contentRuns(situation.layout, situation.bits, total, rng);
}

/** Volumes or files for the disks of a situation, with their images made. */
export interface Disks {
  readonly places: readonly ImagePlace[];
  readonly volumes: readonly Volume[];
  readonly dataVolumes: readonly Volume[];
}

/** Starts volumes or makes a directory, with an empty image for each disk. */
export async function makeDisks(cleanup: Cleanup, runDir: string, situation: Situation): Promise<Disks> {
  const places: ImagePlace[] = [];
  const volumes: Volume[] = [];
  const dataVolumes: Volume[] = [];
  const { storage, dataFile } = situation;
  const imageDir = storage.kind === 'directory' ? cleanup.tempDir(storage.path, 'measure') : runDir;
  for (let i = 0; i < situation.disks; i++) {
    if (storage.kind === 'nbdkit') {
      const volume = await startVolume(cleanup, runDir, `volume${i}`, storage.volume);
      volumes.push(volume);
      const place = { kind: 'nbd', socket: volume.socket, uri: volume.uri } as const;
      const data = dataFile && (await startVolume(cleanup, runDir, `data${i}`, dataFile.volume ?? {}));
      if (data) dataVolumes.push(data);
      const beside = data && { kind: 'nbd' as const, socket: data.socket, uri: data.uri, raw: dataFile.raw };
      places.push({ ...place, ...(beside && { data: beside }) });
    } else {
      const { cache } = storage;
      const file = (name: string) => ({ kind: 'file', path: join(imageDir, name), cache }) as const;
      const beside = dataFile && { ...file(`disk${i}.raw`), raw: dataFile.raw };
      places.push({ ...file(`disk${i}.qcow2`), ...(beside && { data: beside }) });
    }
    await createImage(
      cleanup,
      places[i]!,
      situation.diskBytes,
      situation.clusterBytes,
      situation.preallocated,
    );
  }
  return { places, volumes, dataVolumes };
}

/** Measures all phases and repeats. `onRow` is called as soon as a row exists. */
export async function measureStore(
  cleanup: Cleanup,
  situation: Situation,
  onRow: (row: StoreRow) => void = () => {},
): Promise<StoreRow[]> {
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const { places, volumes, dataVolumes } = await makeDisks(cleanup, runDir, situation);
  const nodes = places.flatMap((place, i) => diskNodes(place, i, situation.discard));
  const disks = places.map((_, i) => diskName(i));
  const qemu = await startQemu(cleanup, runDir, 'source', [...patternNodes(situation.diskBytes), ...nodes], {
    disks,
  });
  await setCapabilities(qemu);
  const runs = situationRuns(situation);
  const setBits = await paintPattern(qemu, runs, situation.granularityBytes, situation.diskBytes);
  const dirtyClusters = clustersTouched(runs, 8 * situation.clusterBytes);
  const rows: StoreRow[] = [];
  for (let repeat = 0; repeat < situation.repeats; repeat++) {
    // What the last repeat's removal of bitmaps left to write back belongs to no phase.
    if (repeat > 0) await settle(qemu);
    // The first requests of all meet memory that nobody has touched yet, on both sides; those of a stop do not.
    if (volumes[0] && repeat === 0) await calibrateVolume(volumes[0].socket);
    const calibration = volumes[0] ? await calibrateVolume(volumes[0].socket) : undefined;
    let baselineRequests: OpCounts | undefined;
    for (const phase of STORE_PHASES) {
      if (phase === 'first')
        for (let disk = 0; disk < situation.disks; disk++)
          await addBitmaps(qemu, disk, situation.bitmaps, situation.granularityBytes);
      const stop = await stopOnce(qemu);
      await resumeSource(qemu);
      const seen = volumes.flatMap((volume) => volume.requests(stop.fromUs, stop.toUs));
      const counts = volumes.length > 0 ? countRequests(seen) : undefined;
      baselineRequests ??= counts;
      const bitmapsHere = phase !== 'baseline';
      const row: StoreRow = {
        repeat,
        phase,
        setBits: bitmapsHere ? setBits : 0,
        dirtyClusters: bitmapsHere ? dirtyClusters : 0,
        oldClusters: phase === 'replace' ? dirtyClusters : 0,
        ...timesOf(stop, rows, phase),
        requests: counts && minusCounts(counts, baselineRequests!),
        sequence: counts && sequenceOf(seen),
        ...(dataVolumes.length > 0 && {
          dataSequence: sequenceOf(dataVolumes.flatMap((volume) => volume.requests(stop.fromUs, stop.toUs))),
        }),
        load1: loadavg()[0]!,
        calibration,
      };
      rows.push(row);
      onRow(row);
    }
    for (let disk = 0; disk < situation.disks; disk++) await removeBitmaps(qemu, disk, situation.bitmaps);
  }
  await qemu.quit();
  for (const volume of [...volumes, ...dataVolumes]) await volume.stop();
  return rows;
}

async function settle(qemu: Qemu): Promise<void> {
  await stopOnce(qemu);
  await resumeSource(qemu);
}

function timesOf(
  stop: Stop,
  earlier: readonly StoreRow[],
  phase: StorePhase,
): Pick<StoreRow, 'stopMs' | 'downtimeMs' | 'baselineMs' | 'bitmapMs'> {
  const baselines = earlier.filter((row) => row.phase === 'baseline').map((row) => row.stopMs);
  if (phase === 'baseline') baselines.push(stop.stopMs);
  const baselineMs = median(baselines);
  return {
    stopMs: stop.stopMs,
    downtimeMs: stop.downtimeMs,
    baselineMs,
    bitmapMs: stop.stopMs - baselineMs,
  };
}
