/**
 * A migration to a second QEMU on the same image: STOP on the source to RESUME on the destination is what the guest
 * feels. Each run has two fresh QEMUs and a fresh image.
 *
 *   none     no bitmaps: what the handover costs anyway
 *   store    the source stores the bitmaps at stop, the destination loads them
 *   stream   the dirty-bitmaps capability: they travel in the migration stream while the guest stands still
 */

import { readFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from 'simple-statistics';
import type { OpCounts } from '../../sim/qcow2/op-counts.js';
import { type Cleanup, withScope } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { clustersTouched } from './content.js';
import { type Qemu, startQemu } from './qemu.js';
import { countRequests, type LoggedRequest } from './requests.js';
import { finishMigration, resumeSource, setCapabilities } from './stop.js';
import { type Disks, makeDisks, type Situation, situationRuns } from './store.js';
import {
  addBitmaps,
  bitmapCountBytes,
  bitmapName,
  diskName,
  diskNodes,
  paintPattern,
  patternNodes,
  removePattern,
} from './test-image.js';
import { calibrateVolume, type VolumeCalibration } from './volume-probe.js';

export type HandoverMode = 'none' | 'store' | 'stream';

export interface HandoverRow {
  readonly repeat: number;
  readonly mode: HandoverMode;
  readonly setBits: number;
  readonly dirtyClusters: number;
  /** Bytes the bitmaps add to the stream; undefined unless they travel in it. */
  readonly streamBytes: number | undefined;
  /** STOP to completed on the source, and STOP to RESUME; the bitmap columns are less the median without bitmaps. */
  readonly sourceMs: number;
  readonly blackoutMs: number;
  readonly sourceBitmapMs: number;
  readonly blackoutBitmapMs: number;
  /** What the destination asked of the volume before it resumed; undefined where nobody counts. */
  readonly destination: OpCounts | undefined;
  readonly load1: number;
  readonly calibration: VolumeCalibration | undefined;
}

/** QEMU's pending counts bits as bytes, so with a usual limit large bitmaps never switch over. */
const DOWNTIME_LIMIT_MS = 2_000_000;
/**
 * While the guest runs QEMU sends an empty record of the bitmaps thousands of times a second, a megabyte before it
 * switches over. A limit, which does not hold in the stop, keeps that below what matters when bytes are counted.
 */
const COUNTING_BYTES_PER_S = 400_000;
/** For the firmware to come to rest, so that no RAM is dirtied any more. */
const SETTLE_MS = 400;
/** Where a shell of QEMU's puts the length of a stream: a bare name in the folder where QEMU runs. */
const STREAM_BYTES_FILE = 'stream-bytes';
const RESUME_TIMEOUT_MS = 120_000;

/** Migrates without bitmaps first, then in each of the ways; `onRow` is called as soon as a row exists. */
export async function measureHandover(
  cleanup: Cleanup,
  situation: Situation,
  modes: readonly HandoverMode[],
  onRow: (row: HandoverRow) => void = () => {},
): Promise<HandoverRow[]> {
  const rows: HandoverRow[] = [];
  for (const mode of ['none', ...modes.filter((m) => m !== 'none')] as HandoverMode[]) {
    const streamBytes =
      mode === 'stream'
        ? await withScope(cleanup, (scope) => measureStreamBytes(scope, situation))
        : undefined;
    for (let repeat = 0; repeat < situation.repeats; repeat++) {
      const raw = await withScope(cleanup, (scope) => oneHandover(scope, situation, mode));
      const before = rows.filter((row) => row.mode === 'none');
      const less = (value: number, key: 'sourceMs' | 'blackoutMs'): number =>
        mode === 'none' ? 0 : value - median(before.map((row) => row[key]));
      const row: HandoverRow = {
        repeat,
        mode,
        streamBytes,
        ...raw,
        sourceBitmapMs: less(raw.sourceMs, 'sourceMs'),
        blackoutBitmapMs: less(raw.blackoutMs, 'blackoutMs'),
        load1: loadavg()[0]!,
      };
      rows.push(row);
      onRow(row);
    }
  }
  return rows;
}

type RawHandover = Omit<
  HandoverRow,
  'repeat' | 'mode' | 'streamBytes' | 'sourceBitmapMs' | 'blackoutBitmapMs' | 'load1'
>;

/** One migration between two fresh QEMUs; the volume is calibrated before it unless nobody wants to know. */
export async function oneHandover(
  cleanup: Cleanup,
  situation: Situation,
  mode: HandoverMode,
  calibrated = true,
): Promise<RawHandover> {
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const made = await makeDisks(cleanup, runDir, situation);
  const [volume] = calibrated ? made.volumes : [];
  const calibration = volume && (await calibrateVolume(volume.socket));
  const nodes = made.places.flatMap((place, i) => diskNodes(place, i, situation.discard));
  const disks = made.places.map((_, i) => diskName(i));
  const all = [...patternNodes(situation.diskBytes), ...nodes];
  const source = await startQemu(cleanup, runDir, 'source', all, { disks });
  const runs = mode === 'none' ? [] : situationRuns(situation);
  const setBits = mode === 'none' ? 0 : await makeBitmaps(source, situation, runs);
  const destination = await startQemu(cleanup, runDir, 'target', nodes, { disks, incoming: true });
  const capabilities = mode === 'stream' ? ['dirty-bitmaps'] : [];
  await setCapabilities(source, capabilities);
  await setCapabilities(destination, capabilities);
  await source.qmp.execute('migrate-set-parameters', {
    'max-bandwidth': 0,
    'downtime-limit': DOWNTIME_LIMIT_MS,
  });
  // Both run in runDir; QEMU reads commas in such an address in its own way.
  const uri = 'unix:migration.sock';
  await destination.qmp.execute('migrate-incoming', { uri });
  await sleep(SETTLE_MS);
  const since = source.qmp.events.length;
  await source.qmp.execute('migrate', { uri });
  const stop = await finishMigration(source, since);
  const resume = await destination.qmp.wait('RESUME', 0, RESUME_TIMEOUT_MS);
  if (mode !== 'none') await checkArrived(destination, situation, setBits);
  await source.quit();
  await destination.quit();
  return {
    setBits,
    dirtyClusters: clustersTouched(runs, 8 * situation.clusterBytes),
    sourceMs: stop.stopMs,
    blackoutMs: (resume.timeUs - stop.fromUs) / 1000,
    destination: destinationRequests(made, stop.fromUs, resume.timeUs),
    calibration,
  };
}

async function makeBitmaps(
  source: Qemu,
  situation: Situation,
  runs: ReturnType<typeof situationRuns>,
): Promise<number> {
  const setBits = await paintPattern(source, runs, situation.granularityBytes, situation.diskBytes);
  for (let disk = 0; disk < situation.disks; disk++)
    await addBitmaps(source, disk, situation.bitmaps, situation.granularityBytes);
  await removePattern(source);
  return setBits;
}

/**
 * Length of a stream with one such bitmap in it, less without, times the bitmaps: two migrations into a byte counter,
 * of a guest at rest and stopped, so that its RAM is the same both times. Its own QEMU without the disks, whose image
 * the migration without the capability would store bitmaps into.
 */
async function measureStreamBytes(cleanup: Cleanup, situation: Situation): Promise<number> {
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const counter = await startQemu(cleanup, runDir, 'counter', patternNodes(situation.diskBytes), {
    disks: [],
  });
  await paintPattern(counter, situationRuns(situation), situation.granularityBytes, situation.diskBytes);
  const file = join(runDir, STREAM_BYTES_FILE);
  await counter.qmp.execute('migrate-set-parameters', {
    'downtime-limit': DOWNTIME_LIMIT_MS,
    'max-bandwidth': COUNTING_BYTES_PER_S,
  });
  const bytes: number[] = [];
  await sleep(SETTLE_MS);
  for (const state of [false, true]) {
    await counter.qmp.execute('migrate-set-capabilities', {
      capabilities: [
        { capability: 'events', state: true },
        { capability: 'dirty-bitmaps', state },
      ],
    });
    const since = counter.qmp.events.length;
    await counter.qmp.execute('stop');
    await counter.qmp.execute('migrate', { uri: `exec:wc -c >${STREAM_BYTES_FILE}` });
    await finishMigration(counter, since);
    await resumeSource(counter);
    bytes.push(Number(readFileSync(file, 'utf8')));
  }
  await counter.quit();
  return (bytes[1]! - bytes[0]!) * situation.bitmaps * situation.disks;
}

/** A handover that lost bits would be a fast one: such a run must not count. */
async function checkArrived(destination: Qemu, situation: Situation, setBits: number): Promise<void> {
  const bytes = await bitmapCountBytes(destination, diskName(0), bitmapName(0));
  const arrived = bytes / situation.granularityBytes;
  if (arrived < setBits)
    throw new LabError(
      `the destination has ${arrived} set bits of ${setBits}: the bitmap did not arrive whole`,
    );
}

/** The source connected to each volume first, so the later connections are the destination's. */
function destinationRequests(made: Disks, fromUs: number, toUs: number): OpCounts | undefined {
  if (made.volumes.length === 0) return undefined;
  const theirs: LoggedRequest[] = [];
  for (const volume of made.volumes) {
    const requests = volume.requests(fromUs, toUs);
    const sourceConnection = Math.min(...requests.map((request) => request.connection));
    theirs.push(...requests.filter((request) => request.connection !== sourceConnection));
  }
  return countRequests(theirs);
}
