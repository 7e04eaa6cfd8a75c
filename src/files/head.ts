/** The first bytes of a file that may be anybody's: no link is followed, and no pipe is waited for. */
import { closeSync, constants, openSync, readSync } from 'node:fs';

/** At most `bytes` bytes from the beginning of a file. */
export function headOf(path: string, bytes: number): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const head = Buffer.alloc(bytes);
    return head.subarray(0, readSync(fd, head, 0, bytes, 0));
  } finally {
    closeSync(fd);
  }
}
