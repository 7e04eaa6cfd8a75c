/**
 * What opening an image for use asks of its bitmaps: the directory, tables and clusters of every copy, and the mark that
 * they are in use. The mark must be durable before the guest writes; the contents need not have been read by then.
 */
import type { Copy } from './copies.js';
import type { OpLog } from './oplog.js';

const EXTENSION_HEAD_BYTES = 8;
/** The header extension that says where the directory is: read only where there are bitmaps. */
export const BITMAPS_EXTENSION_BYTES = 24;

/** What stands in the header of one image and not in that of another: bytes of the texts; 0 or left out: none. */
export interface HeaderTexts {
  /** `qcow2` of the image below. */
  readonly backingFormatBytes?: number;
  readonly backingNameBytes?: number;
  readonly dataFileNameBytes?: number;
}

/** As many texts as an image has; the time of so short a read does not depend on its length. */
export const TEXT_BYTES = { format: 5, name: 64 } as const;

/**
 * The header extensions up to the end mark, then the name of the image below. `heads`: those of any image;
 * `dataFile`: there is one more, whether or not it has a name in it; `bitmaps`: there is one that says where their
 * directory is.
 */
export function loadExtensions(
  log: OpLog,
  heads: number,
  { backingFormatBytes = 0, backingNameBytes = 0, dataFileNameBytes = 0 }: HeaderTexts,
  has: { readonly dataFile: boolean; readonly bitmaps: boolean },
): void {
  const load = (bytes: number, count = 1): void => {
    if (bytes > 0) log.push('read', bytes, count, 'load');
  };
  if (backingFormatBytes > 0) load(EXTENSION_HEAD_BYTES);
  load(backingFormatBytes);
  if (has.dataFile) load(EXTENSION_HEAD_BYTES);
  load(dataFileNameBytes);
  load(EXTENSION_HEAD_BYTES, heads);
  if (has.bitmaps) {
    load(BITMAPS_EXTENSION_BYTES);
    load(EXTENSION_HEAD_BYTES);
  }
  load(backingNameBytes);
}

/** Table and clusters of each copy, but for the `readBefore` clusters that are known already. */
export function loadContents(
  log: OpLog,
  copies: readonly Copy[],
  clusterBytes: number,
  readBefore: number,
): void {
  let left = readBefore;
  for (const { tableBytes, stretches } of copies)
    for (const { count, clusters } of stretches) {
      const load = (unknown: number): void => {
        log.push('read', tableBytes, 1, 'load');
        log.push('read', clusterBytes, unknown, 'load');
      };
      const known = clusters === 0 ? 0 : Math.min(count, Math.floor(left / clusters));
      log.repeated(known, () => load(0));
      left -= known * clusters;
      const partly = left > 0 && clusters > 0 && known < count ? 1 : 0;
      if (partly > 0) {
        load(clusters - left);
        left = 0;
      }
      log.repeated(count - known - partly, () => load(clusters));
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
