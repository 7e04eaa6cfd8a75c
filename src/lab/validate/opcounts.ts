/** The order of every request of a stop: opcounts.csv. No times. */
import { bitmapGeometry } from '../../sim/qcow2/geometry.js';
import { formatSequence } from '../../sim/qcow2/oplog.js';
import type { ImageOptions } from '../../sim/qcow2/options.js';
import { alikeBitmaps, DiskStops } from '../../sim/stop/requests.js';
import type { ValidationKind } from './kind.js';
import { configurationOf, qemuOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';
import { phasesOf, scheduleOf } from './schedule.js';
import { hasDataFile } from './storehistory.js';
import { checkImage, Work } from './work.js';

const GIB = 2 ** 30;
/** Sequences of more runs than this were cut when measured: the first 40 and the last 19 are left. */
const CUT = { above: 60, first: 40, last: 19, mark: '...' } as const;

interface SequenceRow {
  readonly config: string;
  readonly phase: string;
  readonly measured: string;
  readonly predicted: string;
  readonly match: boolean;
}

export const opcountsKind: ValidationKind = {
  name: 'opcounts',
  columns: ['sequence', 'cluster', 'gran', 'n_bitmaps'],
  validate({ rows }) {
    const phases = phasesOf(rows);
    const work = new Work();
    const judged = [...groupBy(rows, configurationOf).values()].flatMap((own) => replay(own, phases, work));
    const mismatches = judged.filter(({ match }) => !match).length;
    const groups = groupBy(judged, ({ config }) => config.split(':')[0]!);
    return {
      json: { n: judged.length, sequence_mismatches: mismatches, rows: judged },
      medianApe: null,
      p90Ape: null,
      mismatches,
      table: {
        columns: ['group', 'sequences', 'differ'],
        rows: [...groups].map(([name, members]) => [
          name,
          String(members.length),
          String(members.filter(({ match }) => !match).length),
        ]),
      },
      remarks: [`${mismatches} of ${judged.length} sequences differ from real QEMU`],
    };
  },
};

/** The stops of one configuration, one after another in one image. */
function replay(rows: readonly MeasuredRow[], phases: readonly string[], work: Work): SequenceRow[] {
  const first = rows[0]!;
  const count = first.number('n_bitmaps');
  const granularityBytes = first.number('gran');
  const image = imageOf(first);
  checkImage(first, image, granularityBytes);
  const disk = new DiskStops(image);
  const usual = dirtyOf(rows, count);
  return scheduleOf(rows, phases).flatMap(({ phase, afresh, row }) => {
    if (afresh) disk.removeAll();
    const dirtyClusters = phase === 'cleared' ? 0 : usual;
    work.stop(row ?? first, count, dirtyClusters);
    const bitmaps = alikeBitmaps(phase === 'baseline' ? 0 : count, { granularityBytes, dirtyClusters });
    const whole = formatSequence(disk.source(bitmaps).ops);
    disk.takeBack();
    if (!row) return [];
    const measured = row.text('sequence');
    const predicted = cutLike(measured, whole);
    return [{ config: row.name('config'), phase, measured, predicted, match: measured === predicted }];
  });
}

function imageOf(row: MeasuredRow): ImageOptions {
  const sizeBytes = row.number('disk_GiB') * GIB;
  const allocatedBytes = (row.optional('prealloc_GiB') ?? 0) * GIB;
  const options = Object.fromEntries(
    row
      .text('create_opts')
      .split(',')
      .map((option) => option.split('=')),
  );
  return {
    sizeBytes,
    stopFlushes: qemuOf(row).stopFlushes,
    clusterBytes: row.number('cluster'),
    allocatedBytes,
    resized: allocatedBytes > 0 && allocatedBytes < sizeBytes,
    discard: row.text('discard') === 'unmap',
    refcountBits: Number(options.refcount_bits ?? 16),
    extendedL2: options.extended_l2 === 'on',
    ...(hasDataFile(row) && { dataFile: {} }),
  };
}

/** Dirty clusters of each bitmap; the first table had them only where they were stored, over all bitmaps. */
function dirtyOf(rows: readonly MeasuredRow[], bitmaps: number): number {
  const given = rows.map((row) => row.optional('dirty_clusters')).find((clusters) => clusters !== undefined);
  if (given !== undefined) return given;
  const clusters = (row: MeasuredRow): number[] => [
    row.optional('new_clusters') ?? 0,
    row.optional('old_clusters') ?? 0,
  ];
  const stored = Math.max(...rows.flatMap(clusters));
  const { tableEntries } = bitmapGeometry(
    rows[0]!.number('disk_GiB') * GIB,
    rows[0]!.number('gran'),
    rows[0]!.number('cluster'),
  );
  return Math.min(tableEntries, stored / bitmaps);
}

function cutLike(measured: string, whole: string): string {
  const parts = whole.split(' ');
  return measured.includes(CUT.mark) && parts.length > CUT.above
    ? [...parts.slice(0, CUT.first), CUT.mark, ...parts.slice(-CUT.last)].join(' ')
    : whole;
}
