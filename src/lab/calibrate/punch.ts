/**
 * What punching a 64 KiB hole takes. QEMU's own qemu-io does it in the right way and prints the time of each; without
 * it, util-linux's fallocate can be started once per hole, and the time of doing the same to a hole is taken off.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { median } from 'simple-statistics';
import type { Cleanup } from '../process/cleanup.js';
import { findProgram, runProgram } from '../process/programs.js';

export interface PunchResult {
  readonly samplesNs: readonly number[];
  readonly how: string;
}

const PUNCH_BYTES = 64 * 1024;
const PUNCHES = 40;
/** A line of qemu-io: `64 KiB, 1 ops; 00.00 sec (50.4 MiB/sec and 807.2146 ops/sec)`. */
const QEMU_IO_RATE = /1 ops; .* and ([\d.e+]+) ops\/sec/g;

/** Punches holes into a file whose first 40 x 64 KiB get data. Undefined where no program can. */
export async function measurePunch(
  cleanup: Cleanup,
  path: string,
  direct: boolean,
  budgetMs: number,
): Promise<PunchResult | undefined> {
  if (findProgram('qemu-io')) return withQemuIo(cleanup, path, direct);
  if (findProgram('fallocate')) return withFallocate(path, budgetMs);
  return undefined;
}

async function withQemuIo(cleanup: Cleanup, path: string, direct: boolean): Promise<PunchResult | undefined> {
  fillBegin(path);
  const commands: string[] = [];
  for (let i = 0; i < PUNCHES; i++) commands.push('-c', `discard ${i * PUNCH_BYTES} ${PUNCH_BYTES}`);
  const cache = direct ? 'none' : 'writeback';
  const options = ['-f', 'raw', '-d', 'unmap', '-t', cache, ...commands, basename(path)];
  const { stdout } = await runProgram('qemu-io', options, 60_000, cleanup, dirname(path));
  const samplesNs = [...stdout.matchAll(QEMU_IO_RATE)].map((match) => 1e9 / Number(match[1]));
  return samplesNs.length > 0 ? { samplesNs, how: 'qemu-io discard, its own time per request' } : undefined;
}

async function withFallocate(path: string, budgetMs: number): Promise<PunchResult | undefined> {
  fillBegin(path);
  const once = (offset: number): number | undefined => {
    const begin = process.hrtime.bigint();
    const args = [
      '--punch-hole',
      '--offset',
      String(offset),
      '--length',
      String(PUNCH_BYTES),
      basename(path),
    ];
    const { status } = spawnSync('fallocate', args, { stdio: 'ignore', cwd: dirname(path) });
    return status === 0 ? Number(process.hrtime.bigint() - begin) : undefined;
  };
  const differences: number[] = [];
  const endMs = performance.now() + budgetMs;
  for (let i = 0; i < PUNCHES && (i < 5 || performance.now() < endMs); i++) {
    const data = once(i * PUNCH_BYTES);
    const hole = once(i * PUNCH_BYTES);
    if (data === undefined || hole === undefined) return undefined; // the file system cannot
    differences.push(data - hole);
    await breathe();
  }
  const ns = Math.max(0, median(differences));
  return {
    samplesNs: [ns],
    how: `fallocate --punch-hole, median of ${differences.length} less the same on a hole`,
  };
}

function fillBegin(path: string): void {
  const data = Buffer.alloc(PUNCHES * PUNCH_BYTES, 0xa5);
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, data, 0, data.length, 0);
    // What a store frees was written long before: a hole in pages that are still to be written costs next to nothing.
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
