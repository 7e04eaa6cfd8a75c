/**
 * The copies of alike bitmaps, written and freed. Where clusters follow one another under one refcount block, what was
 * asked for one of them is asked again for each of the next, and nothing else: they need not be gone through.
 */
import type { Allocator, ClusterRun } from './allocator.js';
import { type Copy, countOf, type Place, type Stretch, single } from './copies.js';
import type { BitmapGeometry } from './geometry.js';
import type { OpLog } from './oplog.js';
import type { StoredBitmap } from './options.js';

/** What of the image they need. */
export interface AlikeParts {
  readonly log: OpLog;
  readonly allocator: Allocator;
  write(what: 'data' | 'table', count?: number): void;
}

/** Writes copies with so many data clusters each: data, then table, one bitmap after another. */
export function writeCopies(
  { log, allocator, write }: AlikeParts,
  bitmap: StoredBitmap,
  { tableBytes, tableClusters }: BitmapGeometry,
  clusters: number,
): Copy {
  const stretches: Stretch[] = [];
  const stride = clusters + tableClusters;
  for (let left = countOf(bitmap); left > 0; ) {
    const data: ClusterRun[] = [];
    allocator.allocateSingles(clusters, (run) => {
      data.push(run);
      write('data', run.count);
    });
    const table = allocator.allocate(tableClusters);
    write('table');
    stretches.push(single({ table, data }, clusters));
    left--;
    const { start, times } = allocator.takeMore(stride, left);
    if (times === 0) continue;
    log.repeated(times, () => {
      log.scan(clusters);
      write('data', clusters);
      log.scan(tableClusters);
      write('table');
    });
    stretches.push(regular(times, start, clusters, stride));
    left -= times;
  }
  const { name, count, granularityBytes } = bitmap;
  return {
    name,
    ...(count !== undefined && { count }),
    granularityBytes,
    tableBytes,
    tableClusters,
    stretches,
    youngestFirst: true,
  };
}

function regular(count: number, start: number, clusters: number, stride: number): Stretch {
  const at = (index: number): Place => {
    const from = start + index * stride;
    return { table: from + clusters, data: clusters > 0 ? [{ start: from, count: clusters }] : [] };
  };
  return { count, clusters, at, stride };
}

/** What is done for each copy that is freed. */
export interface Freeing {
  readonly allocator: Allocator;
  readonly log: OpLog;
  readTable(): void;
  /** Punches so many data clusters now, or notes that it is to be done after the stop; one of the two does nothing. */
  punch(clusters: number): void;
  punchLater(clusters: number): void;
}

/** Gives copies back, the last of the directory first: each table is read, each of its clusters freed, then the table. */
export function freeCopies(freeing: Freeing, { stretches, tableClusters }: Copy): void {
  for (const stretch of [...stretches].reverse())
    for (let index = stretch.count - 1; index >= 0; ) {
      freeCopy(freeing, stretch.at(index), tableClusters);
      index -= 1 + freeMore(freeing, stretch, index);
    }
}

/** One of them. */
export function freeCopy(freeing: Freeing, { table, data }: Place, tableClusters: number): void {
  const { allocator } = freeing;
  freeing.readTable();
  for (const { start, count } of data)
    allocator.free(start, count, (clusters) => {
      freeing.punch(clusters);
      freeing.punchLater(clusters);
    });
  allocator.free(table, tableClusters);
}

/** Those before `index` that lie under the refcount block that freeing it ended with; returns how many. */
function freeMore(freeing: Freeing, stretch: Stretch, index: number): number {
  const { allocator, log } = freeing;
  const { stride, clusters } = stretch;
  if (stride === undefined || index === 0) return 0;
  const first = (i: number): number => stretch.at(i).table - clusters;
  const end = first(index);
  const { regionClusters } = allocator;
  const regionStart = Math.floor((end + stride - 1) / regionClusters) * regionClusters;
  const times = Math.min(index, Math.max(0, Math.floor((end - regionStart) / stride)));
  allocator.freeMore(end - times * stride, end);
  log.repeated(times, () => {
    freeing.readTable();
    freeing.punch(clusters);
  });
  freeing.punchLater(times * clusters);
  return times;
}
