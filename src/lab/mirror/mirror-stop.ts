/**
 * One migration of a disk that is copied along, as libvirt makes it: the destination exports an empty image over NBD, the
 * source mirrors its own to it, the bitmaps travel in the stream with their mapping, and at pre-switchover the mirror is
 * ended before the migration goes on. Then the export ends, and the guest runs. How much is left to copy then is known: the mirror rests while the guest's last
 * writes are made.
 */
import { loadavg, tmpdir } from 'node:os';
import { type Cleanup, withScope } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import type { Nbd } from '../qemu/nbd.js';
import type { Qemu } from '../qemu/qemu.js';
import { finishMigration, setCapabilities } from '../qemu/stop.js';
import {
  addBitmaps,
  bitmapCountBytes,
  bitmapName,
  diskName,
  paintPattern,
  removePattern,
} from '../qemu/test-image.js';
import type { VolumeCalibration } from '../qemu/volume-probe.js';
import { CHUNK_BYTES, exportCopy, JOB, nowUs, startMirror, startSide } from './sides.js';

export interface MirrorSituation {
  readonly copyMode: 'background' | 'write-blocking';
  /** Of every read and write, whole milliseconds. */
  readonly sourceDelayMs: number;
  readonly targetDelayMs: number;
  /** Chunks of 64 KiB, no two of them neighbours, that the guest wrote since the mirror last copied them. */
  readonly dirtyChunks: number;
  /** Full ones. */
  readonly bitmaps: number;
  readonly granularityBytes: number;
}

export interface MirrorRow {
  readonly source: VolumeCalibration;
  readonly target: VolumeCalibration;
  readonly dataBytes: number;
  /** From the command to ready: all of the data is copied. */
  readonly readyMs: number;
  /** STOP to the end of the mirror, to completed on the source, to RESUME on the destination. */
  readonly mirrorMs: number;
  readonly sourceMs: number;
  readonly blackoutMs: number;
  /** From QEMU's event to the command that answers it: the mirror is to end, the migration may go on, the guest may run. */
  readonly endAnsweredMs: number;
  readonly goOnAnsweredMs: number;
  readonly runAnsweredMs: number;
  /** From STOP to the end of the mirror: chunks read of the source; writes to the copy beside theirs, and its flushes. */
  readonly copiedChunks: number;
  readonly otherWrites: number;
  readonly flushes: number;
  /** What the destination read of the copy from STOP to RESUME. */
  readonly destinationReads: number;
  readonly load1: number;
}

export const DISK_BYTES = 64 * 2 ** 30;
const DATA_BLOCK_BYTES = 2 ** 20;
/** Without a chunk that is left to copy there is this much data. */
const LEAST_DATA_BYTES = 16 * DATA_BLOCK_BYTES;
const WRITES_IN_FLIGHT = 8;
const URI = 'unix:migration.sock';
/** Bits count as bytes: so little that they keep the guest running until its RAM is sent, then so much that they do not. */
const LIMITS_MS = { first: 1, last: 2_000_000 } as const;
/** As good as nothing. */
const RAM_LEFT_BYTES = 2 ** 18;
const LOOK_MS = 20;
const SETTLE_MS = 400;
const TIMEOUT_MS = 120_000;

/** Migrates once, between two fresh QEMUs. */
export async function measureMirror(cleanup: Cleanup, situation: MirrorSituation): Promise<MirrorRow> {
  return await withScope(cleanup, (scope) => oneMigration(scope, situation));
}

async function oneMigration(cleanup: Cleanup, situation: MirrorSituation): Promise<MirrorRow> {
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const source = await startSide(cleanup, runDir, 'source', DISK_BYTES, situation.sourceDelayMs);
  const target = await startSide(cleanup, runDir, 'target', DISK_BYTES, situation.targetDelayMs);
  const dataBytes = Math.max(LEAST_DATA_BYTES, 2 * situation.dirtyChunks * CHUNK_BYTES);
  await exportCopy(target.qemu, runDir);
  let readyMs = 0;
  await source.qemu.withExport(diskName(0), async (guest) => {
    await write(guest, 0, dataBytes / DATA_BLOCK_BYTES, DATA_BLOCK_BYTES, DATA_BLOCK_BYTES);
    await guest.flush();
    readyMs = await mirror(source.qemu, runDir, situation.copyMode);
    if (situation.dirtyChunks === 0) return;
    await source.qemu.qmp.execute('block-job-pause', { device: JOB });
    await write(guest, 1, situation.dirtyChunks, CHUNK_BYTES, 2 * CHUNK_BYTES);
    await guest.flush();
  });
  await prepare(source.qemu, target.qemu, situation);
  const stop = await migrate(source.qemu, target.qemu, situation);
  const inMirror = target.volume.requests(stop.fromUs, stop.mirrorUs);
  const inStop = target.volume.requests(stop.fromUs, stop.resumeUs);
  const writes = inMirror.filter(({ kind }) => kind === 'write');
  const read = source.volume.requests(stop.fromUs, stop.mirrorUs);
  const chunks = read.filter(({ kind, bytes }) => kind === 'read' && bytes === CHUNK_BYTES).length;
  await source.qemu.quit();
  await target.qemu.quit();
  const ms = (untilUs: number): number => (untilUs - stop.fromUs) / 1000;
  return {
    source: source.calibration,
    target: target.calibration,
    dataBytes,
    readyMs,
    mirrorMs: ms(stop.mirrorUs),
    sourceMs: ms(stop.toUs),
    blackoutMs: ms(stop.resumeUs),
    endAnsweredMs: stop.endAnsweredMs,
    goOnAnsweredMs: stop.goOnAnsweredMs,
    runAnsweredMs: stop.runAnsweredMs,
    copiedChunks: chunks,
    otherWrites: writes.length - chunks,
    flushes: inMirror.filter(({ kind }) => kind === 'flush').length,
    destinationReads: inStop.filter(({ kind }) => kind === 'read').length,
    load1: loadavg()[0]!,
  };
}

/** Writes blocks of random bytes, one every `strideBytes`. */
async function write(
  guest: Nbd,
  fill: number,
  count: number,
  bytes: number,
  strideBytes: number,
): Promise<void> {
  const block = Buffer.alloc(bytes, fill + 1);
  const offsets = Array.from({ length: count }, (_, i) => i * strideBytes);
  await guest.writeAll(offsets, block, WRITES_IN_FLIGHT);
}

/** Mirrors the disk until its copy is the same. How long that took, in milliseconds. */
async function mirror({ qmp }: Qemu, runDir: string, copyMode: string): Promise<number> {
  const { since, fromUs } = await startMirror(qmp, runDir, { copyMode });
  const ready = await qmp.wait('BLOCK_JOB_READY', since, TIMEOUT_MS);
  return (ready.timeUs - fromUs) / 1000;
}

/** Bitmaps, and what both sides are told of the migration. */
async function prepare(
  source: Qemu,
  target: Qemu,
  { bitmaps, granularityBytes }: MirrorSituation,
): Promise<void> {
  if (bitmaps > 0) {
    const bits = DISK_BYTES / granularityBytes;
    await paintPattern(source, [{ first: 0, count: bits }], granularityBytes, DISK_BYTES);
    await addBitmaps(source, 0, bitmaps, granularityBytes);
    await removePattern(source);
  }
  for (const qemu of [source, target])
    await setCapabilities(qemu, ['dirty-bitmaps', 'pause-before-switchover', 'return-path']);
  const names = Array.from({ length: bitmaps }, (_, i) => ({ name: bitmapName(i), alias: bitmapName(i) }));
  const mapping = [{ 'node-name': diskName(0), alias: 'copied', bitmaps: names }];
  for (const qemu of [source, target])
    await qemu.qmp.execute('migrate-set-parameters', { 'block-bitmap-mapping': mapping });
  await source.qmp.execute('migrate-set-parameters', {
    'max-bandwidth': 0,
    'downtime-limit': LIMITS_MS.first,
  });
  await target.qmp.execute('migrate-incoming', { uri: URI });
  await source.qmp.pass(SETTLE_MS);
}

interface Stop {
  readonly fromUs: number;
  readonly mirrorUs: number;
  readonly toUs: number;
  readonly resumeUs: number;
  readonly endAnsweredMs: number;
  readonly goOnAnsweredMs: number;
  readonly runAnsweredMs: number;
}

async function migrate(source: Qemu, target: Qemu, situation: MirrorSituation): Promise<Stop> {
  const { qmp } = source;
  const since = qmp.events.length;
  await qmp.execute('migrate', { uri: URI });
  if (situation.bitmaps > 0) await ramSent(source);
  await qmp.execute('migrate-set-parameters', { 'downtime-limit': LIMITS_MS.last });
  const paused = await qmp.wait('MIGRATION', since, TIMEOUT_MS, ({ status }) => status === 'pre-switchover');
  const endUs = nowUs();
  if (situation.dirtyChunks > 0) void qmp.execute('block-job-resume', { device: JOB });
  await qmp.execute('block-job-cancel', { device: JOB });
  const ended = await qmp.wait('BLOCK_JOB_COMPLETED', since, TIMEOUT_MS);
  if (ended.data.error !== undefined) throw new LabError(`the mirror failed: ${String(ended.data.error)}`);
  const goOnUs = nowUs();
  await qmp.execute('migrate-continue', { state: 'pre-switchover' });
  const arrived = await target.qmp.wait('MIGRATION', 0, TIMEOUT_MS, ({ status }) => status === 'completed');
  const runUs = nowUs();
  // The guest's own device shares the disk with nobody, so the export must end first.
  void target.qmp.execute('nbd-server-stop');
  await target.qmp.execute('cont');
  const { fromUs, toUs } = await finishMigration(source, since);
  const resume = await target.qmp.wait('RESUME', 0, TIMEOUT_MS);
  await checkArrived(target, situation);
  return {
    fromUs,
    mirrorUs: ended.timeUs,
    toUs,
    resumeUs: resume.timeUs,
    endAnsweredMs: (endUs - paused.timeUs) / 1000,
    goOnAnsweredMs: (goOnUs - ended.timeUs) / 1000,
    runAnsweredMs: (runUs - arrived.timeUs) / 1000,
  };
}

/** The stop is to have no RAM in it. */
async function ramSent({ qmp }: Qemu): Promise<void> {
  type Told = { readonly ram?: Readonly<Record<'remaining' | 'dirty-sync-count', number>> };
  for (let waitedMs = 0; waitedMs < TIMEOUT_MS; waitedMs += LOOK_MS) {
    const { ram } = await qmp.execute<Told>('query-migrate');
    if (ram && ram['dirty-sync-count'] >= 2 && ram.remaining < RAM_LEFT_BYTES) return;
    await qmp.pass(LOOK_MS);
  }
  throw new LabError('the RAM of a guest at rest is not sent');
}

/** A migration that lost bits would be a fast one. */
async function checkArrived(target: Qemu, { bitmaps }: MirrorSituation): Promise<void> {
  for (let i = 0; i < bitmaps; i++) {
    const bytes = await bitmapCountBytes(target, diskName(0), bitmapName(i));
    if (bytes < DISK_BYTES)
      throw new LabError(`bitmap ${i} did not arrive whole: ${bytes} bytes are dirty in it`);
  }
}
