/**
 * Stores into a local file, through the host page cache or past it: file.csv. Calibrated by system calls
 * (`cal_*`); QEMU's thread pool adds a wake-up to each request.
 */

import { bitmapGeometry } from '../../sim/qcow2/geometry.js';
import { Qcow2Image } from '../../sim/qcow2/image.js';
import type { HostSpec, StorageSpec } from '../../sim/scenario.js';
import { OpTimer } from '../../sim/storage/timer.js';
import type { StoreOp } from '../../sim/types.js';
import { constant, LAB_HOST, PLAIN, timeOnly } from './calibration.js';
import { type Judged, judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { timeReport } from './report.js';
import { groupBy, type MeasuredRow } from './rows.js';
import { phasesOf } from './schedule.js';

const GIB = 2 ** 30;
const CLUSTER_BYTES = 65_536;
const SMALL_BYTES = 4_096;

/**
 * QEMU's part of a request to a file: handing it to a worker thread and back. Fitted on 57 stores into local
 * files (system-call calibration), checked on 24 others; a punch the same, from replacements with and without.
 */
const FILE_HOST: HostSpec = { ...LAB_HOST, name: 'local file', perWriteNs: 18_000, perPunchNs: 27_000 };

/** Repeats of one configuration differ by 23 %, so one run by a standard deviation of about as much. */
const FILE_SPREAD = { relative: 0.18, stopMs: 1.2 } as const;

export const fileKind: ValidationKind = {
  name: 'file',
  columns: ['bitmap_ms', 'cal_w64k_us', 'cal_flush64_us'],
  validate({ rows }, options) {
    const stops = [...groupBy(rows, (row) => `${row.name('config')}\n${row.text('repeat')}`).values()];
    const phases = phasesOf(rows);
    const judged = stops.flatMap((own) => replay(own, phases));
    return timeReport(judge(judged, options), options.minMs, null);
  },
};

/** One image and QEMU: baseline, first store, replacements. Runs under strace are slowed and have no time. */
function replay(rows: readonly MeasuredRow[], phases: readonly string[]): Judged[] {
  const first = rows[0]!;
  const sizeBytes = first.number('disk_GiB') * GIB;
  const granularityBytes = first.number('gran');
  const bitmaps = first.number('n_bitmaps');
  const image = new Qcow2Image({
    sizeBytes,
    clusterBytes: CLUSTER_BYTES,
    discard: first.text('discard') === 'unmap',
    idleFlushes: 'skipped',
  });
  const bitmapBytes = bitmaps * bitmapGeometry(sizeBytes, granularityBytes, CLUSTER_BYTES).bytes;
  const judged: Judged[] = [];
  const usual = Math.max(
    ...rows.map((row) => Math.max(row.number('new_clusters'), row.optional('old_clusters') ?? 0)),
  );
  for (const phase of phases.filter((name) => name !== 'baseline')) {
    const own = rows.filter((row) => row.text('phase') === phase);
    const clusters = own[0]?.number('new_clusters') ?? (phase === 'cleared' ? 0 : usual);
    const stored = Array.from({ length: bitmaps }, (_, i) => ({
      name: `b${i}`,
      granularityBytes,
      dirtyClusters: Math.round(clusters / bitmaps),
    }));
    const ops = [...image.stop(), ...image.store(stored)];
    image.activate({ sourceTakesBack: true });
    for (const row of own.filter((each) => each.optional('strace') !== 1)) {
      const timer = new OpTimer(calibratedFile(row, writtenBeforeFlush(ops)), FILE_HOST, {
        l1Entries: image.l1Entries,
      });
      const predictedMs = (timer.expect(ops).meanNs + timer.fixedNs(bitmapBytes)) / 1e6;
      judged.push({
        config: row.name('config'),
        phase,
        measuredMs: row.number('bitmap_ms'),
        predictedMs,
        sdMs: Math.hypot(FILE_SPREAD.stopMs, FILE_SPREAD.relative * predictedMs),
      });
    }
  }
  return judged;
}

/** Bytes written before the first flush, in 64 KiB writes. */
function writtenBeforeFlush(ops: readonly StoreOp[]): number {
  let bytes = 0;
  for (const op of ops) {
    if (op.op === 'flush') break;
    if (op.op === 'write' || op.op === 'smallWrite') bytes += op.count * op.bytes;
  }
  return bytes / CLUSTER_BYTES;
}

/** System-call times; a flush through the calibrated points of 1, 64 and 256 writes before it. */
function calibratedFile(row: MeasuredRow, writesBeforeFlush: number): StorageSpec {
  const one = row.number('cal_flush1_us');
  const many = row.number('cal_flush64_us');
  const most = row.number('cal_flush256_us');
  const flushUs = (writes: number): number =>
    writes <= 64
      ? one + ((many - one) * (writes - 1)) / 63
      : many + (Math.max(0, most - many) * (writes - 64)) / 192;
  const writes = Math.max(2, writesBeforeFlush);
  const perWriteUs = Math.max(0, flushUs(writes) - one) / (writes - 1);
  const carries = (us: number, referenceBytes: number) => ({
    latency: constant(us),
    referenceBytes,
    bytesPerS: Number.POSITIVE_INFINITY,
  });
  return {
    name: 'calibrated file',
    ops: {
      write: carries(row.number('cal_w64k_us'), CLUSTER_BYTES),
      smallWrite: carries(row.number('cal_w4k_us'), SMALL_BYTES),
      read: carries(row.number('cal_r64k_us'), CLUSTER_BYTES),
      punch: timeOnly(row.optional('cal_punch_us') ?? 0),
      flush: timeOnly(Math.max(0, one - perWriteUs)),
    },
    ...PLAIN,
    flushNsPerByte: (perWriteUs * 1_000) / CLUSTER_BYTES,
  };
}
