/**
 * The stops of one configuration, replayed in one image in the order they were measured: a replacement can only
 * be predicted by a model that has made the first store.
 */
import { BITMAPS_EXTENSION_BYTES } from '../../sim/qcow2/bitmap-load.js';
import type { IdleFlushes } from '../../sim/qcow2/oplog.js';
import { alikeBitmaps, DiskStops, type StopWork } from '../../sim/stop/requests.js';
import type { StoreOp } from '../../sim/types.js';
import { isLocalFile } from './calibrated-file.js';
import { configurationOf, qemuOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';
import { phasesOf, scheduleOf } from './schedule.js';
import { checkImage, Work } from './work.js';

/** What each disk of a measured row did in a stop because of its bitmaps. */
export interface PredictedStop {
  readonly row: MeasuredRow;
  readonly work: StopWork;
}

/** Flushes of an inactivation without bitmaps, where they are sent; those of the stop come before. */
const INACTIVATION_FLUSHES = 2;

/** Of rows that do not say: QEMU's default. */
export const clusterOf = (row: MeasuredRow): number => row.optional('cluster_bytes') ?? 65_536;

/** Disks of the row's virtual machine, all alike. */
export const disksOf = (row: MeasuredRow): number => row.optional('disks') ?? 1;

/** The guest's data lies in a file of its own (`data_file`: 1). */
export const hasDataFile = (row: MeasuredRow): boolean => (row.optional('data_file') ?? 0) === 1;

/** One configuration's image (all disks are alike) between its stops. */
export class StoreHistory {
  private readonly disk: DiskStops;
  private readonly bitmaps: number;
  private readonly granularityBytes: number;
  private readonly idleFlushes: IdleFlushes;
  private readonly stopFlushes: number;
  private readonly first: MeasuredRow;
  private readonly work: Work;

  /** `work`: that of the whole file. */
  constructor(first: MeasuredRow, work: Work) {
    this.first = first;
    this.work = work;
    const sizeBytes = first.number('disk_bytes');
    const allocatedBytes = first.optional('preallocated_bytes') ?? 0;
    this.idleFlushes = isLocalFile(first) ? 'skipped' : 'sent';
    const { stopFlushes } = qemuOf(first);
    this.stopFlushes = stopFlushes;
    const image = { sizeBytes, clusterBytes: clusterOf(first), allocatedBytes };
    this.bitmaps = first.number('bitmaps');
    this.granularityBytes = first.number('granularity_bytes');
    checkImage(first, image, this.granularityBytes);
    this.disk = new DiskStops({
      ...image,
      resized: allocatedBytes > 0 && allocatedBytes < sizeBytes,
      discard: first.optional('discard') === 1,
      idleFlushes: this.idleFlushes,
      stopFlushes,
      ...(hasDataFile(first) && { dataFile: {} }),
    });
  }

  /** The next stop: what it sends because of the bitmaps. */
  stop(dirtyClusters: number, row = this.first): StopWork {
    const { granularityBytes } = this;
    this.work.stop(row, this.bitmaps, dirtyClusters);
    const work = this.disk.source(alikeBitmaps(this.bitmaps, { granularityBytes, dirtyClusters }));
    this.disk.takeBack();
    const idle = this.idleFlushes === 'sent' ? this.stopFlushes + INACTIVATION_FLUSHES : 0;
    return { ...work, ops: withoutFlushes(work.ops, idle) };
  }

  /** The stop of a measured row, as the next one. */
  stopOf(row: MeasuredRow): PredictedStop {
    const cleared = row.text('phase') === 'cleared';
    return { row, work: this.stop(cleared ? 0 : row.number('dirty_clusters'), row) };
  }

  /** The destination's load because of the bitmaps, after the last stop: without what it reads anyway. */
  load(): StopWork {
    const work = this.disk.load();
    const first = work.ops.findIndex(({ bytes }) => bytes === BITMAPS_EXTENSION_BYTES);
    return { ...work, ops: work.ops.slice(first) };
  }

  /** The bitmaps are removed while the guest runs, and the next stop has none. */
  removeAll(): void {
    this.disk.removeAll();
  }
}

/** Every measured stop of the file; the stops of one configuration share one image. */
export function replayStores(rows: readonly MeasuredRow[]): readonly PredictedStop[] {
  const phases = phasesOf(rows);
  const work = new Work();
  return [...groupBy(rows, configurationOf).values()].flatMap((own) => {
    const history = new StoreHistory(own[0]!, work);
    const stored = (row: MeasuredRow): number =>
      row.text('phase') === 'cleared' ? (row.optional('old_clusters') ?? 0) : row.number('dirty_clusters');
    const usual = Math.max(...own.map(stored));
    return scheduleOf(own, phases).flatMap(({ phase, afresh, row }) => {
      if (afresh) history.removeAll();
      if (row) return [history.stopOf(row)];
      history.stop(phase === 'cleared' ? 0 : usual);
      return [];
    });
  });
}

/** The list without the first flushes: what a stop without bitmaps would have sent as well. */
function withoutFlushes(ops: readonly StoreOp[], flushes: number): readonly StoreOp[] {
  let left = flushes;
  const rest: StoreOp[] = [];
  for (const op of ops) {
    const dropped = op.op === 'flush' ? Math.min(left, op.count) : 0;
    left -= dropped;
    if (op.count > dropped) rest.push({ ...op, count: op.count - dropped });
  }
  return rest;
}
