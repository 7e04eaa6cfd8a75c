/** The columns `cal_*` of a measured row, system calls on a directory, as a storage and host of the model. */
import type { HostSpec, StorageSpec } from '../../sim/scenario.js';
import type { StoreOp } from '../../sim/types.js';
import { carrying, LARGE_BYTES, PLAIN, SMALL_BYTES, timeOnly } from './calibrated-volume.js';
import type { MeasuredRow } from './rows.js';

/**
 * QEMU's part of a request to a file: handing it to a worker thread and back. Fitted on 57 stores into local
 * files (system-call calibration), checked on 24 others; a punch the same, from replacements with and without.
 */
export function fileHost(lab: HostSpec): HostSpec {
  return { ...lab, name: 'local file', perWriteNs: 18_000, perPunchNs: 27_000 };
}

/** Whether the row was calibrated as a local file. */
export const isLocalFile = (row: MeasuredRow): boolean => row.optional('cal_w64k_us') !== undefined;

/** What is written before the first flush, in writes of 64 KiB. */
function writesBeforeFlush(ops: readonly StoreOp[]): number {
  let bytes = 0;
  for (const op of ops) {
    if (op.op === 'flush') break;
    if (op.op === 'write' || op.op === 'smallWrite') bytes += op.count * op.bytes;
  }
  return bytes / LARGE_BYTES;
}

/** System-call times; the flush of this list through the calibrated points of 1, 64 and 256 writes before it. */
export function calibratedFile(row: MeasuredRow, ops: readonly StoreOp[]): StorageSpec {
  const one = row.number('cal_flush1_us');
  const many = row.number('cal_flush64_us');
  const most = row.number('cal_flush256_us');
  const flushUs = (writes: number): number =>
    writes <= 64
      ? one + ((many - one) * (writes - 1)) / 63
      : many + (Math.max(0, most - many) * (writes - 64)) / 192;
  const writes = Math.max(2, writesBeforeFlush(ops));
  const perWriteUs = Math.max(0, flushUs(writes) - one) / (writes - 1);
  const moreUs = row.number('cal_w64k_us') - row.number('cal_w4k_us');
  const bytesPerS = moreUs > 0 ? ((LARGE_BYTES - SMALL_BYTES) / moreUs) * 1e6 : Number.POSITIVE_INFINITY;
  return {
    name: 'calibrated file',
    ops: {
      write: carrying(row.number('cal_w64k_us'), LARGE_BYTES, bytesPerS),
      smallWrite: carrying(row.number('cal_w4k_us'), SMALL_BYTES, bytesPerS),
      read: carrying(row.number('cal_r64k_us'), LARGE_BYTES, bytesPerS),
      punch: timeOnly(row.optional('cal_punch_us') ?? 0),
      flush: timeOnly(Math.max(0, one - perWriteUs)),
    },
    ...PLAIN,
    flushNsPerByte: (perWriteUs * 1_000) / LARGE_BYTES,
  };
}
