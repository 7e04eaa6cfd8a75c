/**
 * The built-in probe: what single system calls take on a directory, at queue depth 1, as the store issues them.
 *
 *   writes of 64 KiB and 4 KiB, appended as QEMU appends clusters; reads of 64 KiB
 *   fdatasync after 1, 64 and 256 writes of 64 KiB: a flush pays for every byte written before it
 *   punched holes of 64 KiB, with somebody else's help (punch.ts), because Node has no fallocate
 *
 * The calls block this process, so between them it lets timers and signals through.
 */
import { closeSync, constants, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { InputError } from '../../base/errors.js';
import type { Cleanup } from '../process/cleanup.js';
import { measurePunch, type PunchResult } from './punch.js';

export const LARGE_BYTES = 64 * 1024;
export const SMALL_BYTES = 4 * 1024;
/** Writes of 64 KiB before a flush, and how many flushes of each are timed. */
const FLUSH_AFTER = [
  [1, 12],
  [64, 5],
  [256, 3],
] as const;

export interface ProbeOptions {
  /** True: around the host's page cache (O_DIRECT), as QEMU's cache=none. */
  readonly direct: boolean;
  /** Whole probe; each class of op gets a share. */
  readonly budgetMs: number;
  /** Called with the share done, 0..1, and what is being measured. */
  readonly onProgress?: (done: number, what: string) => void;
}

/** Every sample, nanoseconds. */
export interface ProbeResult {
  readonly write: readonly number[];
  readonly smallWrite: readonly number[];
  readonly read: readonly number[];
  readonly flushAfter: ReadonlyMap<number, readonly number[]>;
  readonly punch: PunchResult | undefined;
}

/** The one thing of WebAssembly used here; its types come with the browser's library only. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

const OPS_MAX = 1000;
const OPS_MIN = 8;
/** Area of the 64 KiB writes; the flush writes go behind it. */
const AREA_OPS = OPS_MAX;

export async function probeDirectory(
  cleanup: Cleanup,
  directory: string,
  options: ProbeOptions,
): Promise<ProbeResult> {
  const path = join(cleanup.tempDir(directory, 'calibrate'), 'probe.bin');
  const fd = openProbe(path, options.direct);
  const close = cleanup.defer(() => closeSync(fd));
  const buffer = alignedBuffer(LARGE_BYTES);
  const small = buffer.subarray(0, SMALL_BYTES);
  const classBudgetMs = options.budgetMs / 7;
  const step = (i: number, what: string): void => options.onProgress?.(i / 7, what);
  const write64k = (i: number): number => writeSync(fd, buffer, 0, LARGE_BYTES, i * LARGE_BYTES);

  step(0, '64 KiB writes');
  const write = await timed(classBudgetMs, write64k);
  fdatasyncSync(fd);
  step(1, '4 KiB writes');
  const smallWrite = await timed(classBudgetMs, (i) => writeSync(fd, small, 0, SMALL_BYTES, i * SMALL_BYTES));
  fdatasyncSync(fd);
  step(2, '64 KiB reads');
  const read = await timed(classBudgetMs, (i) =>
    readSync(fd, buffer, 0, LARGE_BYTES, (i % write.length) * LARGE_BYTES),
  );
  const flushAfter = new Map<number, readonly number[]>();
  let next = AREA_OPS;
  for (const [k, [writes, repeats]] of FLUSH_AFTER.entries()) {
    step(3 + k, `fdatasync after ${writes} writes`);
    flushAfter.set(
      writes,
      await timed(
        classBudgetMs,
        () => fdatasyncSync(fd),
        () => {
          for (let i = 0; i < writes; i++) write64k(next++);
        },
        repeats,
      ),
    );
  }
  close();
  step(6, 'punched holes');
  const punch = await measurePunch(cleanup, path, options.direct, classBudgetMs);
  step(7, 'done');
  return { write, smallWrite, read, flushAfter, punch };
}

/** Times `op` until the budget or the count is used up; at least one sample, few where single ops are very slow. */
async function timed(
  budgetMs: number,
  op: (i: number) => unknown,
  prepare: () => void = () => {},
  most: number = OPS_MAX,
): Promise<number[]> {
  const samples: number[] = [];
  const beginMs = performance.now();
  for (let i = 0; i < most; i++) {
    const spentMs = performance.now() - beginMs;
    if (spentMs > budgetMs && (samples.length >= Math.min(OPS_MIN, most) || spentMs > 4 * budgetMs)) break;
    prepare();
    const begin = process.hrtime.bigint();
    op(i);
    samples.push(Number(process.hrtime.bigint() - begin));
    await breathe();
  }
  return samples;
}

function openProbe(path: string, direct: boolean): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (direct ? constants.O_DIRECT : 0);
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if (direct && (error as NodeJS.ErrnoException).code === 'EINVAL')
      throw new InputError(
        `${path}: this file system has no O_DIRECT (tmpfs has none); use --cache writeback or another directory`,
      );
    throw error;
  }
}

/** O_DIRECT wants page-aligned memory; a WebAssembly memory is, a Buffer is not. */
function alignedBuffer(bytes: number): Buffer {
  const pages = Math.ceil(bytes / 65_536);
  const buffer = Buffer.from(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
  // Not zeros: some storage stores those for nothing.
  for (let i = 0; i < bytes; i++) buffer[i] = (i * 167 + (i >> 8) * 31 + 1) & 0xff;
  return buffer.subarray(0, bytes);
}
