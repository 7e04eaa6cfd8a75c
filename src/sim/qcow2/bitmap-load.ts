/**
 * What opening an image for use asks of its bitmaps: the directory, tables and clusters of every copy, and the mark that
 * they are in use. The mark must be durable before the guest writes; the contents need not have been read by then.
 */
import type { Copy } from './early-bitmap.js';
import type { OpLog } from './oplog.js';

export const EXTENSION_HEAD_BYTES = 8;
/** The header extension that says where the directory is: read only where there are bitmaps. */
export const BITMAPS_EXTENSION_BYTES = 24;

/** Where the directory is, and what it says. */
export function loadDirectory(log: OpLog, directoryBytes: number): void {
  for (const bytes of [BITMAPS_EXTENSION_BYTES, EXTENSION_HEAD_BYTES, directoryBytes])
    log.push('read', bytes, 1, 'load');
}

/** Table and clusters of each copy, but for the `readBefore` clusters that are known already. */
export function loadContents(
  log: OpLog,
  copies: readonly Copy[],
  clusterBytes: number,
  readBefore: number,
): void {
  let left = readBefore;
  for (const copy of copies) {
    log.push('read', copy.tableBytes, 1, 'load');
    const clusters = copy.data.reduce((sum, run) => sum + run.count, 0);
    const known = Math.min(left, clusters);
    left -= known;
    log.push('read', clusterBytes, clusters - known, 'load');
  }
}

/** The directory is changed in place, so the header withdraws its promise first and renews it afterwards. */
export function markInUse(log: OpLog, directoryBytes: number, clusterBytes: number): void {
  const header = (): void => {
    log.push('write', clusterBytes, 1, 'mark-in-use');
    log.flush();
  };
  header();
  log.push(directoryBytes < clusterBytes ? 'smallWrite' : 'write', directoryBytes, 1, 'mark-in-use');
  header();
  header();
}
