/**
 * Records of a trace, column by column. Times are whole nanoseconds after the first record of the first file
 * (negative for a record that lies before it): a double holds 104 days of them exactly, and a longer trace is refused.
 */

/** What a record does to a dirty bitmap. */
export const Kind = {
  read: 0,
  /** Writes at least one byte. */
  write: 1,
  /** Sets bits in QEMU only where it reaches the driver, so it is counted apart. */
  discard: 2,
  /** A flush, or a write of no bytes: sets nothing. */
  flush: 3,
  /** Only a point in time (an event of the trace that is not a request). */
  mark: 4,
} as const;

export interface RecordBatch {
  readonly count: number;
  readonly timesNs: Float64Array;
  readonly offsetsBytes: Float64Array;
  readonly lengthsBytes: Float64Array;
  /** Index into the trace's device table. */
  readonly devices: Uint32Array;
  readonly kinds: Uint8Array;
}

/** A batch that grows. */
export class RecordBuffer implements RecordBatch {
  count = 0;
  timesNs: Float64Array;
  offsetsBytes: Float64Array;
  lengthsBytes: Float64Array;
  devices: Uint32Array;
  kinds: Uint8Array;

  constructor(capacity = 4096) {
    this.timesNs = new Float64Array(capacity);
    this.offsetsBytes = new Float64Array(capacity);
    this.lengthsBytes = new Float64Array(capacity);
    this.devices = new Uint32Array(capacity);
    this.kinds = new Uint8Array(capacity);
  }

  push(timeNs: number, kind: number, device: number, offsetBytes: number, lengthBytes: number): void {
    if (this.count === this.timesNs.length) this.reserve(this.count * 2);
    const at = this.count++;
    this.timesNs[at] = timeNs;
    this.offsetsBytes[at] = offsetBytes;
    this.lengthsBytes[at] = lengthBytes;
    this.devices[at] = device;
    this.kinds[at] = kind;
  }

  append(batch: RecordBatch): void {
    this.reserve(this.count + batch.count);
    this.timesNs.set(batch.timesNs.subarray(0, batch.count), this.count);
    this.offsetsBytes.set(batch.offsetsBytes.subarray(0, batch.count), this.count);
    this.lengthsBytes.set(batch.lengthsBytes.subarray(0, batch.count), this.count);
    this.devices.set(batch.devices.subarray(0, batch.count), this.count);
    this.kinds.set(batch.kinds.subarray(0, batch.count), this.count);
    this.count += batch.count;
  }

  pushFrom(batch: RecordBatch, at: number): void {
    this.push(
      batch.timesNs[at]!,
      batch.kinds[at]!,
      batch.devices[at]!,
      batch.offsetsBytes[at]!,
      batch.lengthsBytes[at]!,
    );
  }

  /** Records [from, to) as views on this buffer: valid until it changes. */
  slice(from: number, to: number): RecordBatch {
    return {
      count: to - from,
      timesNs: this.timesNs.subarray(from, to),
      offsetsBytes: this.offsetsBytes.subarray(from, to),
      lengthsBytes: this.lengthsBytes.subarray(from, to),
      devices: this.devices.subarray(from, to),
      kinds: this.kinds.subarray(from, to),
    };
  }

  /** Drops the first `n` records. */
  drop(n: number): void {
    this.timesNs.copyWithin(0, n, this.count);
    this.offsetsBytes.copyWithin(0, n, this.count);
    this.lengthsBytes.copyWithin(0, n, this.count);
    this.devices.copyWithin(0, n, this.count);
    this.kinds.copyWithin(0, n, this.count);
    this.count -= n;
  }

  private reserve(capacity: number): void {
    if (capacity <= this.timesNs.length) return;
    const grown = new RecordBuffer(Math.max(capacity, this.timesNs.length * 2));
    grown.timesNs.set(this.timesNs);
    grown.offsetsBytes.set(this.offsetsBytes);
    grown.lengthsBytes.set(this.lengthsBytes);
    grown.devices.set(this.devices);
    grown.kinds.set(this.kinds);
    this.timesNs = grown.timesNs;
    this.offsetsBytes = grown.offsetsBytes;
    this.lengthsBytes = grown.lengthsBytes;
    this.devices = grown.devices;
    this.kinds = grown.kinds;
  }
}
