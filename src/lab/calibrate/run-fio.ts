/** Runs fio on a directory with the jobs a storage needs. Each job is bounded in time and in space. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { FioText } from '../../input/fio/several-results.js';
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { runProgram } from '../process/programs.js';

/** In the folder where fio runs: `--filename` takes `:` and `;` in a path as the end of one of several names. */
const FILE = 'fio.bin';
/** Slow spells are seen in the rate over windows of this length: some forty of them in a job of two seconds. */
const WINDOW_MS = 50;
const SPACE_BYTES = 64 * 1024 * 1024;

interface Job {
  readonly name: string;
  readonly options: readonly string[];
}

/** Queue depth 1 everywhere: a store has one request in flight. The falloc engine trims by punching holes. */
const JOBS: readonly Job[] = [
  { name: 'write-64k', options: ['--rw=write', '--bs=64k'] },
  { name: 'write-4k', options: ['--rw=write', '--bs=4k'] },
  { name: 'read-64k', options: ['--rw=read', '--bs=64k'] },
  { name: 'flush-after-1', options: ['--rw=write', '--bs=64k', '--fdatasync=1'] },
  { name: 'flush-after-64', options: ['--rw=write', '--bs=64k', '--fdatasync=64'] },
  { name: 'flush-after-256', options: ['--rw=write', '--bs=64k', '--fdatasync=256'] },
  { name: 'punch-64k', options: ['--rw=trim', '--bs=64k', '--ioengine=falloc'] },
];

export interface FioOptions {
  readonly direct: boolean;
  readonly budgetMs: number;
  readonly onProgress?: (done: number, what: string) => void;
}

/** The outputs, one a job. A file system that cannot punch holes gives no `punch-64k`. */
export async function runFio(cleanup: Cleanup, directory: string, options: FioOptions): Promise<FioText[]> {
  const folder = cleanup.tempDir(directory, 'calibrate');
  const jobMs = Math.ceil(options.budgetMs / JOBS.length);
  const outputs: FioText[] = [];
  for (const [i, job] of JOBS.entries()) {
    options.onProgress?.(i / JOBS.length, job.name);
    const args = [
      `--name=${job.name}`,
      `--filename=${FILE}`,
      `--size=${SPACE_BYTES}`,
      `--runtime=${jobMs}ms`,
      `--direct=${options.direct && job.name !== 'punch-64k' ? 1 : 0}`,
      `--iopsavgtime=${WINDOW_MS}`,
      '--ioengine=psync',
      '--iodepth=1',
      // Jobs as threads of the process that we can end; as processes they have sessions of their own and survive it.
      '--thread',
      '--output-format=json+',
      ...job.options,
    ];
    try {
      const { stdout } = await runProgram('fio', args, jobMs + 30_000, cleanup, folder);
      checkPlace(folder);
      outputs.push({ name: `fio ${job.name}`, text: stdout });
    } catch (error) {
      if (job.name !== 'punch-64k') throw error;
    }
  }
  options.onProgress?.(1, 'done');
  return outputs;
}

/** What fio wrote must lie where it was told to. */
function checkPlace(folder: string): void {
  const path = join(folder, FILE);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there?.isFile() || there.size === 0) throw new LabError(`fio wrote no ${path}: look where it wrote`);
}
