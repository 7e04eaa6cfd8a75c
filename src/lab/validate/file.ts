/**
 * Stores into a local file, through the host page cache or past it: file.csv. Calibrated by system calls
 * (`cal_*`); QEMU's thread pool adds a wake-up to each request.
 */

import type { HostSpec } from '../../sim/scenario.js';
import { alikeBitmaps, DiskStops } from '../../sim/stop/requests.js';
import { type Judged, judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { timeReport } from './report.js';
import { configurationOf, qemuOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';
import { phasesOf } from './schedule.js';
import { stopTime } from './stop-time.js';
import { hasDataFile } from './storehistory.js';
import { checkImage, Work } from './work.js';

const GIB = 2 ** 30;
/** Of rows that do not say: QEMU's default. */
const CLUSTER_BYTES = 65_536;

export const fileKind: ValidationKind = {
  name: 'file',
  columns: ['bitmap_ms', 'cal_w64k_us', 'cal_flush64_us'],
  validate({ rows }, options) {
    const stops = [...groupBy(rows, (row) => `${configurationOf(row)}\n${row.text('repeat')}`).values()];
    const phases = phasesOf(rows);
    const host = options.host === 'auto' ? options.prior : options.host;
    const work = new Work();
    const judged = stops.flatMap((own) => replay(own, phases, host, work));
    return timeReport(judge(judged, options), options.minMs, null);
  },
};

/** One image and QEMU: baseline, first store, replacements. Runs under strace are slowed and have no time. */
function replay(rows: readonly MeasuredRow[], phases: readonly string[], lab: HostSpec, all: Work): Judged[] {
  const first = rows[0]!;
  const granularityBytes = first.number('gran');
  const bitmaps = first.number('n_bitmaps');
  const image = {
    sizeBytes: first.number('disk_GiB') * GIB,
    clusterBytes: first.optional('cluster') ?? CLUSTER_BYTES,
    allocatedBytes: (first.optional('prealloc_GiB') ?? 0) * GIB,
  };
  checkImage(first, image, granularityBytes);
  const disk = new DiskStops({
    ...image,
    discard: first.text('discard') === 'unmap',
    idleFlushes: 'skipped',
    stopFlushes: qemuOf(first).stopFlushes,
    ...(hasDataFile(first) && { dataFile: {} }),
  });
  const judged: Judged[] = [];
  const usual = Math.max(
    ...rows.map((row) => Math.max(row.number('new_clusters'), row.optional('old_clusters') ?? 0)),
  );
  for (const phase of phases.filter((name) => name !== 'baseline')) {
    const own = rows.filter((row) => row.text('phase') === phase);
    const clusters = own[0]?.number('new_clusters') ?? (phase === 'cleared' ? 0 : usual);
    const dirtyClusters = Math.round(clusters / bitmaps);
    all.stop(own[0] ?? first, bitmaps, dirtyClusters);
    const work = disk.source(alikeBitmaps(bitmaps, { granularityBytes, dirtyClusters }));
    disk.takeBack();
    for (const row of own.filter((each) => each.optional('strace') !== 1)) {
      const { ms, sdMs } = stopTime(row, work, lab);
      judged.push({
        config: row.name('config'),
        phase,
        measuredMs: row.number('bitmap_ms'),
        predictedMs: ms,
        sdMs,
      });
    }
  }
  return judged;
}
