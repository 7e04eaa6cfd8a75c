/**
 * What one request to an NBD volume takes, by an independent client at queue depth 1, just before a measurement.
 * Times are medians, microseconds; the store itself is a chain of single requests, so nothing else is needed.
 */
import { randomFillSync } from 'node:crypto';
import { median } from 'simple-statistics';
import { Nbd } from './nbd.js';
import { CALIBRATION_OFFSET } from './nbdkit.js';

/** Calibration columns of store.csv and handover.csv: microseconds per op, 10^6 bytes/s for the stream. */
export interface VolumeCalibration {
  readonly write64kUs: number;
  readonly write4kUs: number;
  readonly read64kUs: number;
  readonly flushUs: number;
  readonly trim64kUs: number;
  readonly streamMbPerS: number;
  readonly write1mUs: number;
  readonly read1mUs: number;
}

const LARGE = 64 * 1024;
const SMALL = 4 * 1024;
/** What the bytes of one request take shows only in a large one, and clusters may be as large. */
const HUGE = 1024 * 1024;
const STREAM_BLOCK = 256 * 1024;
const STREAM_DEPTH = 16;
const STREAM_BLOCKS = 64;
const STREAM_MS = 150;
const OPS_MIN = 6;
const OPS_MAX = 200;
/** Discarded at the start of each class: the first requests pay for warming up on both sides. */
const WARM_UP = 2;

/** Calibrates beyond the image's end. `budgetMs` per class of op. */
export async function calibrateVolume(socket: string, budgetMs = 120): Promise<VolumeCalibration> {
  const nbd = await Nbd.connect(socket);
  try {
    const large = randomFillSync(Buffer.alloc(LARGE));
    const small = randomFillSync(Buffer.alloc(SMALL));
    const huge = randomFillSync(Buffer.alloc(HUGE));
    const at = (i: number, bytes: number): number => CALIBRATION_OFFSET + i * bytes;
    const write64kUs = await timed(budgetMs, (i) => nbd.write(at(i, LARGE), large));
    const write4kUs = await timed(budgetMs, (i) => nbd.write(at(i, SMALL), small));
    const read64kUs = await timed(budgetMs, (i) => nbd.read(at(i, LARGE), LARGE));
    const flushUs = await timed(budgetMs, () => nbd.flush());
    const trim64kUs = await timed(budgetMs, (i) => nbd.trim(at(i, LARGE), LARGE));
    const streamMbPerS = await streamRate(nbd, at);
    const write1mUs = await timed(budgetMs, (i) => nbd.write(at(i, HUGE), huge));
    const read1mUs = await timed(budgetMs, (i) => nbd.read(at(i, HUGE), HUGE));
    return { write64kUs, write4kUs, read64kUs, flushUs, trim64kUs, streamMbPerS, write1mUs, read1mUs };
  } finally {
    nbd.close();
  }
}

/** Bytes per microsecond with many writes in flight, over long enough that a moment's disturbance does not decide. */
async function streamRate(nbd: Nbd, at: (i: number, bytes: number) => number): Promise<number> {
  const block = randomFillSync(Buffer.alloc(STREAM_BLOCK));
  const offsets = Array.from({ length: STREAM_BLOCKS }, (_, i) => at(i, STREAM_BLOCK));
  const beginMs = performance.now();
  let bytes = 0;
  let spentMs = 0;
  while (spentMs < STREAM_MS) {
    await nbd.writeAll(offsets, block, STREAM_DEPTH);
    bytes += STREAM_BLOCKS * STREAM_BLOCK;
    spentMs = performance.now() - beginMs;
  }
  return bytes / spentMs / 1000;
}

async function timed(budgetMs: number, op: (i: number) => Promise<unknown>): Promise<number> {
  const samplesUs: number[] = [];
  const endMs = performance.now() + budgetMs;
  for (let i = 0; i < OPS_MAX + WARM_UP; i++) {
    const beginMs = performance.now();
    if (i >= OPS_MIN + WARM_UP && beginMs > endMs) break;
    await op(i);
    if (i >= WARM_UP) samplesUs.push((performance.now() - beginMs) * 1000);
  }
  return median(samplesUs);
}
