/**
 * How long a mirror takes to be ready while the guest writes (`measure --mirror-writes`), or that it never is. Where the wait
 * for a moment with nothing in flight is long, chance decides: its median is compared with that of the repeats.
 */
import { median } from 'simple-statistics';
import { dirtiedOn } from '../../sim/mirror/dirtied.js';
import { type Course, mirrorCourse } from '../../sim/mirror/mirror.js';
import type { HostSpec, OpCost, StorageSpec, SyntheticGuestSpec } from '../../sim/scenario.js';
import { SPREAD } from '../../sim/stop/interval.js';
import { summariseApe } from './ape.js';
import { carrying, HUGE_BYTES, LARGE_BYTES, PLAIN, SMALL_BYTES, timeOnly } from './calibrated-volume.js';
import { type Judged, judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { SHARED_CORES, SOCKET } from './one-machine.js';
import { percent, timeReport } from './report.js';
import { groupBy, type MeasuredRow } from './rows.js';

interface Played {
  readonly row: MeasuredRow;
  readonly course: Course;
  /** Undefined: it never is, or in less than half of the plays for as long as the lab waits. */
  readonly predictedMs: number | undefined;
}

export const mirrorWritesKind: ValidationKind = {
  name: 'mirror-writes',
  columns: ['ready_under_writes_ms', 'copied_bytes', 'writes_per_s'],
  validate({ rows }, options) {
    const host = options.host === 'auto' ? options.prior : options.host;
    const played = rows.map((row) => row.inIt(() => play(row, host)));
    const both = played.filter(({ row, predictedMs }) => isReady(row) && predictedMs !== undefined);
    const agree = played.filter(
      ({ row, predictedMs }) => isReady(row) === (predictedMs !== undefined),
    ).length;
    const times = both.map(({ row, course, predictedMs }): Judged => {
      const noise = Math.hypot(SPREAD.stopMs, SHARED_CORES * predictedMs!);
      return {
        config: row.name('config'),
        phase: '',
        measuredMs: row.number('ready_under_writes_ms'),
        predictedMs: predictedMs!,
        sdMs: Math.hypot(noise, course.emptyNs / 1e6),
      };
    });
    const report = timeReport(judge(times, options), options.minMs, null);
    const copied = summariseApe(
      [...groupBy(both, ({ row }) => row.name('config')).values()].map((repeats) => {
        const measured = median(repeats.map(({ row }) => row.number('copied_bytes')));
        return Math.abs(median(repeats.map(({ course }) => course.copiedBytes)) - measured) / measured;
      }),
    );
    return {
      ...report,
      json: { ...report.json, copied, convergence: { n: played.length, agree } },
      remarks: [
        ...report.remarks,
        `bytes copied until then: error median ${percent(copied.median_ape)}, max ${percent(copied.max_ape)}`,
        `ready or never ready as predicted: ${agree} of ${played.length}`,
      ],
    };
  },
};

const isReady = (row: MeasuredRow): boolean => row.number('ready') === 1;

function play(row: MeasuredRow, host: HostSpec): Played {
  const chunkBytes = row.number('chunk_bytes');
  const diskBytes = row.number('disk_bytes');
  const dataBytes = row.number('data_bytes');
  const bytesPerS = row.optional('speed_bytes_per_s') ?? Number.POSITIVE_INFINITY;
  const guest = writingTo(dataBytes, chunkBytes, row.number('writes_per_s'));
  const course = mirrorCourse(
    {
      ...volumes(row),
      ...{ link: SOCKET, host, bytesPerS, jobs: 1, chunkBytes, diskBytes, dataBytes },
      clusterBytes: LARGE_BYTES,
      dirtied: dirtiedOn({ guest, disks: 1, index: 0, sizeBytes: diskBytes }, chunkBytes),
    },
    'background',
  );
  const { readyNs, emptyNs } = course;
  const medianMs = readyNs === null ? undefined : (readyNs - (1 - Math.LN2) * emptyNs) / 1e6;
  const inTime = medianMs !== undefined && medianMs <= row.number('patience_ms');
  return { row, course, predictedMs: inTime ? medianMs : undefined };
}

/** A guest that writes whole chunks of its data, each drawn at random. */
function writingTo(dataBytes: number, chunkBytes: number, writesPerS: number): SyntheticGuestSpec {
  return {
    kind: 'synthetic',
    name: 'lab',
    writesPerS,
    arrivals: { kind: 'poisson' },
    parts: [
      {
        weight: 1,
        pattern: { kind: 'uniform' },
        sizes: [{ bytes: chunkBytes, weight: 1 }],
        offsetShare: 0,
        footprintBytes: dataBytes,
      },
    ],
  };
}

/** As an independent client at queue depth 1 found them just before; each serves as many requests at once as the mirror has. */
function volumes(row: MeasuredRow): { readonly source: StorageSpec; readonly target: StorageSpec } {
  const us = (column: string): number => row.number(column);
  const [read, write] = [larger(row, 'source_read'), larger(row, 'target_write')];
  const flush = timeOnly(us('target_flush_us'));
  const small = carrying(us('target_write_4k_us'), SMALL_BYTES, Number.POSITIVE_INFINITY);
  const of = (name: string, op: OpCost): StorageSpec => ({
    name,
    ops: { write: op, smallWrite: small, read: op, punch: op, flush },
    ...PLAIN,
    channels: Number.MAX_SAFE_INTEGER,
  });
  return { source: of('source', read), target: of('target', write) };
}

/** What more bytes take. */
function larger(row: MeasuredRow, op: string): OpCost {
  const [large, huge] = [row.number(`${op}_64k_us`), row.number(`${op}_1m_us`)];
  const usPerByte = Math.max(0, huge - large) / (HUGE_BYTES - LARGE_BYTES);
  return carrying(large, LARGE_BYTES, usPerByte > 0 ? 1e6 / usPerByte : Number.POSITIVE_INFINITY);
}
