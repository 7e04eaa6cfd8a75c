/**
 * How long a mirror takes until it is ready while the guest writes: chunks of its data, each drawn at random, at random
 * moments of a set mean rate. What limits the mirror is known: its own `speed`, or the delay of the volumes.
 */
import { loadavg, tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { namedStream, type Rng } from '../../kernel/rng.js';
import { type Cleanup, withScope } from '../process/cleanup.js';
import type { Nbd } from '../qemu/nbd.js';
import { type Qmp, QmpError, type QmpEvent } from '../qemu/qmp.js';
import { diskName } from '../qemu/test-image.js';
import type { VolumeCalibration } from '../qemu/volume-probe.js';
import { CHUNK_BYTES, exportCopy, JOB, nowUs, startMirror, startSide } from './sides.js';

export interface WritesSituation {
  /** What limits the mirror. */
  readonly by: 'speed' | 'delay';
  /** Of the mirror itself; 0: no limit. */
  readonly speedBytesPerS: number;
  /** Of every read and write, whole milliseconds. */
  readonly sourceDelayMs: number;
  readonly targetDelayMs: number;
  /** Chunks that the guest writes a second, in the mean. */
  readonly writesPerS: number;
}

export interface WritesRow {
  readonly source: VolumeCalibration;
  readonly target: VolumeCalibration;
  /** As they were. */
  readonly writesPerS: number;
  /** From the command until it was ready; undefined: it was not, for as long as anybody waited. */
  readonly readyMs: number | undefined;
  /** What it had copied by then, and what was left to copy. */
  readonly copiedBytes: number;
  readonly leftBytes: number;
  readonly load1: number;
}

export const WRITES_DISK_BYTES = 4 * 2 ** 30;
export const WRITES_DATA_BYTES = 128 * 2 ** 20;
/** A mirror that is not ready by then is said never to be. */
export const PATIENCE_MS = 30_000;
const BLOCK_BYTES = 2 ** 20;
const BLOCKS_IN_FLIGHT = 8;
/** Of the writes: the timers of the program know no less. */
const LOOK_MS = 20;

/** Mirrors once, from a fresh QEMU to a fresh one. */
export async function measureUntilReady(
  cleanup: Cleanup,
  situation: WritesSituation,
  repeat: number,
): Promise<WritesRow> {
  return await withScope(cleanup, (scope) => oneMirror(scope, situation, repeat));
}

async function oneMirror(cleanup: Cleanup, situation: WritesSituation, repeat: number): Promise<WritesRow> {
  const runDir = cleanup.tempDir(tmpdir(), 'run');
  const source = await startSide(cleanup, runDir, 'source', WRITES_DISK_BYTES, situation.sourceDelayMs);
  const target = await startSide(cleanup, runDir, 'target', WRITES_DISK_BYTES, situation.targetDelayMs);
  await exportCopy(target.qemu, runDir);
  const { qmp } = source.qemu;
  return await source.qemu.withExport(diskName(0), async (guest) => {
    const blocks = Array.from({ length: WRITES_DATA_BYTES / BLOCK_BYTES }, (_, i) => i * BLOCK_BYTES);
    await guest.writeAll(blocks, Buffer.alloc(BLOCK_BYTES, 1), BLOCKS_IN_FLIGHT);
    await guest.flush();
    const load1 = loadavg()[0]!;
    const speed = situation.speedBytesPerS > 0 ? situation.speedBytesPerS : undefined;
    const { since, fromUs } = await startMirror(qmp, runDir, { copyMode: 'background', speed });
    const writer = new Writer(guest, situation.writesPerS, namedStream(repeat, 0, 'lab/mirror/writes'));
    const ready = await qmp.wait('BLOCK_JOB_READY', since, PATIENCE_MS).catch((error: Error) => {
      if (error instanceof QmpError) return undefined;
      throw error;
    });
    const untilUs = ready?.timeUs ?? nowUs();
    const { copiedBytes, leftBytes } = ready ? progressOf(ready.data) : progressOf(await jobOf(qmp));
    const writes = await writer.end();
    await qmp.execute('block-job-cancel', { device: JOB, force: true });
    await qmp.wait('BLOCK_JOB_CANCELLED', since, PATIENCE_MS);
    return {
      source: source.calibration,
      target: target.calibration,
      writesPerS: (writes / (untilUs - fromUs)) * 1e6,
      readyMs: ready && (ready.timeUs - fromUs) / 1000,
      copiedBytes,
      leftBytes,
      load1,
    };
  });
}

type Progress = QmpEvent['data'];

const jobOf = async (qmp: Qmp): Promise<Progress> => (await qmp.execute<Progress[]>('query-block-jobs'))[0]!;

const progressOf = ({ len, offset }: Progress): Pick<WritesRow, 'copiedBytes' | 'leftBytes'> => ({
  copiedBytes: Number(offset),
  leftBytes: Number(len) - Number(offset),
});

/** A guest that writes until it is told to end. */
class Writer {
  private over = false;
  private readonly written: Promise<number>;

  constructor(guest: Nbd, perS: number, random: Rng) {
    const block = Buffer.alloc(CHUNK_BYTES, 2);
    this.written = perS > 0 ? guest.writeAsTheyCome(this.offsets(perS, random), block) : Promise.resolve(0);
  }

  private async *offsets(perS: number, random: Rng): AsyncGenerator<number> {
    let atMs = performance.now();
    for (;;) {
      atMs -= (Math.log(random.uniformPositive()) / perS) * 1000;
      for (let leftMs = atMs - performance.now(); leftMs > 0; leftMs = atMs - performance.now()) {
        if (this.over) return;
        await sleep(Math.min(leftMs, LOOK_MS));
      }
      if (this.over) return;
      yield random.below(WRITES_DATA_BYTES / CHUNK_BYTES) * CHUNK_BYTES;
    }
  }

  /** How many it wrote. */
  async end(): Promise<number> {
    this.over = true;
    return await this.written;
  }
}
