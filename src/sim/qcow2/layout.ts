/**
 * Where the clusters of an image lie before the first bitmap is stored, as `qemu-img create` (with
 * preallocation=metadata), `qemu-img resize` or a guest that wrote everything leave them (QEMU 7.2).
 */
import type { Allocator } from './allocator.js';

const L1_ENTRY_BYTES = 8;
/** The L2 cache works on slices of at most 64 KiB; one allocation never crosses a slice. */
const SLICE_BYTES = 65_536;

export interface LayoutOptions {
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  /** Guest bytes whose clusters are allocated, from the start of the disk. */
  readonly allocatedBytes: number;
  readonly extendedL2: boolean;
  /** The image was made with allocatedBytes as its size and then enlarged: the old L1 table left a hole. */
  readonly resized: boolean;
  /** Guest clusters lie in another file, which has no refcounts: there are only tables for them. */
  readonly dataFile?: boolean;
}

/** Guest bytes that one L2 table, so one L1 entry, stands for. */
function l2CoverBytes(clusterBytes: number, extendedL2: boolean): number {
  return (clusterBytes / (extendedL2 ? 16 : 8)) * clusterBytes;
}

/** Entries of the L1 table: the overlap check looks at each of them at every write. */
export function l1Entries(sizeBytes: number, clusterBytes: number, extendedL2 = false): number {
  return Math.ceil(sizeBytes / l2CoverBytes(clusterBytes, extendedL2));
}

/** Bytes of the L1 table, read whole when the image is opened. */
export function l1Bytes(sizeBytes: number, clusterBytes: number, extendedL2 = false): number {
  return L1_ENTRY_BYTES * l1Entries(sizeBytes, clusterBytes, extendedL2);
}

/** Lays the image out; the requests of this are nobody's downtime and are to be thrown away. */
export function layOut(allocator: Allocator, options: LayoutOptions): void {
  const { sizeBytes, clusterBytes, allocatedBytes, extendedL2, resized } = options;
  const l1Clusters = (bytes: number): number =>
    Math.ceil(l1Bytes(bytes, clusterBytes, extendedL2) / clusterBytes);
  allocator.begin();
  const firstSize = resized && allocatedBytes > 0 ? allocatedBytes : sizeBytes;
  const l1 = { start: allocator.allocate(l1Clusters(firstSize)), count: l1Clusters(firstSize) };
  if (allocatedBytes > 0) (options.dataFile ? allocateTables : allocateGuest)(allocator, options);
  if (l1Entries(firstSize, clusterBytes, extendedL2) < l1Entries(sizeBytes, clusterBytes, extendedL2)) {
    allocator.reopen();
    allocator.allocate(l1Clusters(sizeBytes));
    allocator.free(l1.start, l1.count);
  }
}

/** The L2 tables of data that lies elsewhere, one after another. */
function allocateTables(allocator: Allocator, options: LayoutOptions): void {
  const { clusterBytes, allocatedBytes, extendedL2 } = options;
  const tables = Math.ceil(allocatedBytes / l2CoverBytes(clusterBytes, extendedL2));
  allocator.allocateSingles(tables, () => undefined);
}

/** One L2 table and then its data clusters, again and again: long dense stretches at once, the rest call by call. */
function allocateGuest(allocator: Allocator, options: LayoutOptions): void {
  const { clusterBytes, allocatedBytes, extendedL2 } = options;
  const entries = l2CoverBytes(clusterBytes, extendedL2) / clusterBytes;
  const perSlice = Math.min(entries, SLICE_BYTES / (extendedL2 ? 16 : 8));
  const dataClusters = Math.ceil(allocatedBytes / clusterBytes);
  const tables = Math.floor(dataClusters / entries);
  let done = 0;
  let dataEnd: number | undefined;
  while (done < tables) {
    const skipped = skipDense(allocator, entries + 1, tables - done);
    done += skipped;
    if (skipped > 0) {
      dataEnd = allocator.denseFront();
      continue;
    }
    dataEnd = allocateTable(allocator, entries, perSlice, dataEnd);
    done++;
  }
  const rest = dataClusters - tables * entries;
  if (rest > 0) allocateTable(allocator, rest, perSlice, dataEnd);
}

/**
 * Data goes where the data before it ended as far as that is free, which it is after its table found room in a hole
 * (an old refcount table), and else to the next place for a whole slice. Returns where it ends.
 */
function allocateTable(
  allocator: Allocator,
  dataClusters: number,
  perSlice: number,
  dataEnd: number | undefined,
): number {
  allocator.allocate(1);
  let end = dataEnd;
  for (let left = dataClusters; left > 0; ) {
    const wanted = Math.min(left, perSlice);
    let taken = end === undefined ? 0 : allocator.allocateAt(end, wanted);
    if (taken === 0) {
      end = allocator.allocate(wanted);
      taken = wanted;
    }
    end! += taken;
    left -= taken;
  }
  return end!;
}

/**
 * Takes as many whole (L2 table + data) stretches as surely fit before the refcount table is full, with one
 * refcount block for each region they touch. Returns how many; 0 where the end is near or there are holes ahead.
 */
function skipDense(allocator: Allocator, stretch: number, wanted: number): number {
  const front = allocator.denseFront();
  if (front === undefined) return 0;
  const perRegion = allocator.regionClusters;
  const regionsUpTo = (end: number): number => Math.ceil(end / perRegion);
  const existing = allocator.blockCount;
  if (existing !== regionsUpTo(front)) return 0;
  const limit = (allocator.tableRegions - 1) * perRegion - 2 * stretch;
  const room = Math.floor(((limit - front) * perRegion) / (perRegion + 1) / stretch) - 2;
  const count = Math.min(wanted, room);
  if (count < 2) return 0;
  let end = front;
  for (let last = -1; end !== last; ) {
    last = end;
    end = front + count * stretch + (regionsUpTo(end) - existing);
  }
  allocator.occupy(front, end);
  return count;
}
