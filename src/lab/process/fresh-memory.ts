/**
 * A virtual machine may have handed the memory that it does not use back to the machine below it (free page reporting), and
 * the first touch of such a page takes fifty times as long as usual. What a measurement is to be like on a machine with memory
 * of its own needs that memory to be touched just before: it stays in reach for some seconds.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Has another process, which then ends, use so many bytes. */
export async function touchMemory(bytes: number): Promise<void> {
  await promisify(execFile)(process.execPath, ['-e', `Buffer.alloc(${bytes}, 1)`]);
}
