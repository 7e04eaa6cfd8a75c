/**
 * The stops of one configuration, replayed in one image in the order they were measured: a replacement can only
 * be predicted by a model that has made the first store.
 */
import { bitmapGeometry } from '../../sim/qcow2/geometry.js';
import { BITMAPS_EXTENSION_BYTES, Qcow2Image, type StoredBitmap } from '../../sim/qcow2/image.js';
import type { IdleFlushes } from '../../sim/qcow2/oplog.js';
import type { StoreOp } from '../../sim/types.js';
import { isLocalFile } from './local-file.js';
import { groupBy, type MeasuredRow } from './rows.js';
import { phasesOf, scheduleOf } from './schedule.js';
import type { DiskWork } from './stop-time.js';

/** The requests of one disk in one stop because of its bitmaps. */
export interface PredictedStop extends DiskWork {
  readonly row: MeasuredRow;
}

/** Flushes that the same stop has without bitmaps, where they are sent: two of the stop, two of the inactivation. */
const IDLE_FLUSHES = 4;

/** Of rows that do not say: QEMU's default. */
export const clusterOf = (row: MeasuredRow): number => row.optional('cluster_bytes') ?? 65_536;

/** One configuration's image (all disks are alike) between its stops. */
export class StoreHistory {
  private readonly image: Qcow2Image;
  private readonly names: readonly string[];
  private readonly granularityBytes: number;
  private readonly bitmapBytes: number;
  private readonly disks: number;
  private readonly idleFlushes: IdleFlushes;

  constructor(first: MeasuredRow) {
    const sizeBytes = first.number('disk_bytes');
    const clusterBytes = clusterOf(first);
    const allocatedBytes = first.optional('preallocated_bytes') ?? 0;
    this.idleFlushes = isLocalFile(first) ? 'skipped' : 'sent';
    this.image = new Qcow2Image({
      sizeBytes,
      clusterBytes,
      allocatedBytes,
      resized: allocatedBytes > 0 && allocatedBytes < sizeBytes,
      discard: first.optional('discard') === 1,
      idleFlushes: this.idleFlushes,
    });
    const count = first.number('bitmaps');
    this.names = Array.from({ length: count }, (_, i) => `b${i}`);
    this.granularityBytes = first.number('granularity_bytes');
    this.bitmapBytes = count * bitmapGeometry(sizeBytes, this.granularityBytes, clusterBytes).bytes;
    this.disks = first.optional('disks') ?? 1;
    this.takeBack();
  }

  /** The next stop: what it sends because of the bitmaps. */
  stop(dirtyClusters: number): readonly StoreOp[] {
    const bitmaps = this.names.map(
      (name): StoredBitmap => ({ name, granularityBytes: this.granularityBytes, dirtyClusters }),
    );
    const idle = this.idleFlushes === 'sent' ? IDLE_FLUSHES : 0;
    const ops = withoutFlushes([...this.image.stop(), ...this.image.store(bitmaps)], idle);
    this.takeBack();
    return ops;
  }

  /** The stop of a measured row, as the next one. */
  stopOf(row: MeasuredRow): PredictedStop {
    const cleared = row.text('phase') === 'cleared';
    const ops = this.stop(cleared ? 0 : row.number('dirty_clusters'));
    return { row, ...this.workOf(ops) };
  }

  /** The destination's load because of the bitmaps, after the last stop: without what it reads anyway. */
  load(): DiskWork {
    const ops = this.image.activate();
    return this.workOf(ops.slice(ops.findIndex(({ bytes }) => bytes === BITMAPS_EXTENSION_BYTES)));
  }

  private workOf(ops: readonly StoreOp[]): DiskWork {
    return { ops, disks: this.disks, bitmapBytes: this.bitmapBytes, l1Entries: this.image.l1Entries };
  }

  private takeBack(): void {
    this.image.activate({ sourceTakesBack: true });
  }

  /** The bitmaps are removed while the guest runs, and the next stop has none. */
  removeAll(): void {
    for (const name of this.names) this.image.remove(name);
    this.image.stop();
    this.image.store([]);
    this.takeBack();
  }
}

/** Every measured stop of the file; the stops of one configuration share one image. */
export function replayStores(rows: readonly MeasuredRow[]): readonly PredictedStop[] {
  const phases = phasesOf(rows);
  return [...groupBy(rows, (row) => row.name('config')).values()].flatMap((own) => {
    const history = new StoreHistory(own[0]!);
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
