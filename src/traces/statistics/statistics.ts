/**
 * What a trace does to dirty bitmaps, from empty ones at its first record.
 *
 * Definitions: t0 is the time of the earliest record of any kind and device; window k covers [t0 + k·w, t0 + (k+1)·w);
 * duration is the latest record's time minus t0. A write has at least one byte and sets every granule it touches; a
 * discard sets nothing unless asked for (in QEMU it does where it reaches the driver). Each device has its own bitmap;
 * numbers add the devices up.
 */
import { InputError } from '../../base/errors.js';
import { Kind, type RecordBatch, type Trace } from '../trace.js';
import { SparseBits } from './sparse-bits.js';
import { StaleChunks, WindowCounts } from './windows.js';

export interface StatisticsOptions {
  /** Disk bytes per bit; a power of two. */
  readonly granularityBytes: number;
  /** Bitmap bytes per chunk, one or several sizes. */
  readonly chunksBytes: readonly number[];
  readonly windowNs: number;
  /** Only this device's requests; windows still begin at the trace's first record. */
  readonly device?: string | undefined;
  /** Discards set bits too. */
  readonly discards?: boolean | undefined;
}

/** One number a window, from the start of the trace. */
interface WindowColumns {
  readonly writes: Float64Array;
  readonly bytes: Float64Array;
  readonly newGranules: Float64Array;
  /** One column per chunk size, in the order asked for. */
  readonly newChunks: readonly Float64Array[];
}

export interface WorkloadStatistics {
  readonly format: string;
  readonly records: number;
  readonly writes: number;
  readonly durationNs: number;
  readonly bytesWritten: number;
  readonly footprintGranules: number;
  /** Writes that set no new bit. */
  readonly rewrites: number;
  readonly discards: number;
  readonly devices: readonly string[];
  readonly options: StatisticsOptions;
  readonly windowCount: number;
  readonly windows: WindowColumns;
}

/** Floor of t / w that is right to the last nanosecond, where the quotient would round up. */
function windowOf(timeNs: number, windowNs: number): number {
  const window = Math.floor(timeNs / windowNs);
  return window * windowNs > timeNs ? window - 1 : window;
}

class Counter {
  records = 0;
  writes = 0;
  bytes = 0;
  rewrites = 0;
  discards = 0;
  startNs = Number.NaN;
  lastWindow = 0;
  readonly perWindow = {
    writes: new WindowCounts(),
    bytes: new WindowCounts(),
    granules: new WindowCounts(),
  };
  readonly chunks: StaleChunks;
  readonly bits = new SparseBits();
  private readonly options: StatisticsOptions;
  private readonly deviceNames: readonly string[];

  constructor(options: StatisticsOptions, deviceNames: readonly string[]) {
    this.options = options;
    this.deviceNames = deviceNames;
    this.chunks = new StaleChunks(options.chunksBytes);
  }

  take(batch: RecordBatch): void {
    const { timesNs, kinds, devices, count } = batch;
    const { windowNs, device: only } = this.options;
    if (Number.isNaN(this.startNs)) this.startNs = timesNs[0]!;
    let window = 0;
    let windowEndNs = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const device = devices[i]!;
      const timeNs = timesNs[i]! - this.startNs;
      if (timeNs >= windowEndNs) {
        window = windowOf(timeNs, windowNs);
        windowEndNs = (window + 1) * windowNs;
      }
      const kind = kinds[i]!;
      if (kind === Kind.mark || (only !== undefined && this.deviceNames[device] !== only)) continue;
      this.records++;
      if (kind === Kind.discard) this.discards++;
      if (kind === Kind.write || (kind === Kind.discard && this.options.discards))
        this.write(device, window, batch.offsetsBytes[i]!, batch.lengthsBytes[i]!, kind === Kind.write);
    }
    this.lastWindow = window;
  }

  private write(device: number, window: number, offset: number, length: number, counts: boolean): void {
    if (length === 0) return;
    if (counts) {
      this.writes++;
      this.bytes += length;
      this.perWindow.writes.add(window, 1);
      this.perWindow.bytes.add(window, length);
    }
    const { granularityBytes } = this.options;
    const { bits } = this;
    const last = Math.floor((offset + length - 1) / granularityBytes);
    let fresh = 0;
    for (let granule = Math.floor(offset / granularityBytes); granule <= last; granule++) {
      if (!bits.add(device, granule)) continue;
      fresh++;
      this.chunks.firstTouch(bits.page, device, granule, window);
    }
    if (fresh > 0) this.perWindow.granules.add(window, fresh);
    else if (counts) this.rewrites++;
  }
}

/** Reads the trace once; `observe` sees each batch too. Throws InputError where it has no record, or none of the device asked for. */
export async function measureWorkload(
  trace: Trace,
  options: StatisticsOptions,
  observe?: (batch: RecordBatch) => void,
): Promise<WorkloadStatistics> {
  const counter = new Counter(options, trace.devices.names);
  for await (const batch of trace.records()) {
    if (batch.count === 0) continue;
    counter.take(batch);
    observe?.(batch);
  }
  const names = trace.devices.names;
  if (Number.isNaN(counter.startNs))
    throw new InputError(`trace: no record of format ${trace.format.name} in it`);
  if (options.device !== undefined && !names.includes(options.device)) {
    const some = names.slice(0, 20).join(', ') + (names.length > 20 ? ` and ${names.length - 20} more` : '');
    throw new InputError(`--device: '${options.device}' is not in the trace; it has ${some}`);
  }
  const windowCount = counter.lastWindow + 1;
  return {
    format: trace.format.name,
    records: counter.records,
    writes: counter.writes,
    durationNs: trace.latestNs - counter.startNs,
    bytesWritten: counter.bytes,
    footprintGranules: counter.bits.count,
    rewrites: counter.rewrites,
    discards: counter.discards,
    devices: options.device === undefined ? names : [options.device],
    options,
    windowCount,
    windows: {
      writes: counter.perWindow.writes.take(windowCount),
      bytes: counter.perWindow.bytes.take(windowCount),
      newGranules: counter.perWindow.granules.take(windowCount),
      newChunks: counter.chunks.take(windowCount),
    },
  };
}
