/**
 * What one request costs the device: a latency for a stated size and a part for the bytes.
 *
 *   write   a straight line through (small-write size, its time) and (write size, its time), beyond by bandwidth
 *   read    as stated; the bytes below the stated size count as those of a write do
 *   punch, flush   no part for bytes (a flush pays for bytes written before it: see timer.ts)
 *
 * Checked on 120 stores of QEMU 7.2 with clusters from 4 KiB to 2 MiB (results/validation/).
 */
import type { OpClass, StorageSpec } from '../scenario.js';
import type { StoreOp } from '../types.js';
import { type DrawSum, type Latency, latencyOf } from './latency.js';

const NS_PER_S = 1e9;
/** A write into the host page cache: system call and copy (17.5 us for 64 KiB, 2 us for 4 KiB; file.csv, medians). */
const PAGE_CACHE = { fixedNs: 1_000, perByteNs: 0.25 } as const;

/** A cost: a drawn latency, and a part that is the same every time. */
export interface OpDuration extends Duration {
  /** Draws of so many of them; null: they always take the mean. */
  readonly sums: DrawSum | null;
}

interface Duration {
  readonly latency: Latency;
  /** May be negative: fewer bytes than the latency was stated for. The sum is at least 0. */
  readonly fixedNs: number;
  /** The share of the mean that the data takes on the wire or the media; requests in parallel do not divide it. */
  readonly transferNs: number;
}

/** Sizes of requests are few, but for those of a strange image. */
const KNOWN_MAX = 1000;

const CONSTANT_ZERO = latencyOf({ kind: 'constant', ns: 0 });

/** What requests cost on one storage. */
export class DeviceCosts {
  private readonly storage: StorageSpec;
  private readonly latencies: Readonly<Record<OpClass, Latency>>;
  /** What was worked out before, by bytes. */
  private readonly known: Readonly<Record<OpClass, Map<number, OpDuration>>> = {
    write: new Map(),
    smallWrite: new Map(),
    read: new Map(),
    punch: new Map(),
    flush: new Map(),
  };

  constructor(storage: StorageSpec) {
    this.storage = storage;
    this.latencies = {
      write: latencyOf(storage.ops.write.latency),
      smallWrite: latencyOf(storage.ops.smallWrite.latency),
      read: latencyOf(storage.ops.read.latency),
      punch: latencyOf(storage.ops.punch.latency),
      flush: latencyOf(storage.ops.flush.latency),
    };
  }

  /** One request of this class and size. */
  of(op: StoreOp['op'], bytes: number): OpDuration {
    const known = this.known[op];
    const before = known.get(bytes);
    if (before) return before;
    const duration = this.worked(op, bytes);
    const made = { ...duration, sums: duration.latency.sumsWith(duration.fixedNs) };
    if (known.size < KNOWN_MAX) known.set(bytes, made);
    return made;
  }

  private worked(op: StoreOp['op'], bytes: number): Duration {
    switch (op) {
      case 'write':
      case 'smallWrite':
        return this.write(bytes);
      case 'read':
        return this.read(bytes);
      case 'punch':
      case 'flush':
        return { latency: this.latencies[op], fixedNs: 0, transferNs: 0 };
    }
  }

  /** Time of a flush for each byte written before it. */
  get flushNsPerByte(): number {
    const { flushNsPerByte, hostCache, ops } = this.storage;
    return hostCache === 'writeback'
      ? Math.max(flushNsPerByte, NS_PER_S / ops.write.bytesPerS)
      : flushNsPerByte;
  }

  private write(bytes: number): Duration {
    if (this.storage.hostCache === 'writeback')
      return {
        latency: CONSTANT_ZERO,
        fixedNs: PAGE_CACHE.fixedNs + PAGE_CACHE.perByteNs * bytes,
        transferNs: PAGE_CACHE.perByteNs * bytes,
      };
    const { write, smallWrite } = this.storage.ops;
    const transferNs = (bytes / write.bytesPerS) * NS_PER_S;
    if (bytes >= write.referenceBytes || smallWrite.referenceBytes >= write.referenceBytes) {
      const own = bytes < write.referenceBytes ? smallWrite : write;
      const beyond = Math.max(0, bytes - own.referenceBytes);
      return {
        latency: own === write ? this.latencies.write : this.latencies.smallWrite,
        fixedNs: (beyond / own.bytesPerS) * NS_PER_S,
        transferNs,
      };
    }
    return {
      latency: this.latencies.smallWrite,
      fixedNs: (bytes - smallWrite.referenceBytes) * this.slopeNsPerByte(),
      transferNs,
    };
  }

  private read(bytes: number): Duration {
    const { read } = this.storage.ops;
    const transferNs = (bytes / read.bytesPerS) * NS_PER_S;
    if (bytes >= read.referenceBytes)
      return {
        latency: this.latencies.read,
        fixedNs: ((bytes - read.referenceBytes) / read.bytesPerS) * NS_PER_S,
        transferNs,
      };
    // The transfer of the missing bytes is saved, but never a larger share than a write of that size would save.
    const saved = (read.referenceBytes - bytes) * this.slopeNsPerByte();
    const writeMean = this.latencies.write.meanNs;
    const largestShare = writeMean > 0 ? Math.min(1, saved / writeMean) : 0;
    return {
      latency: this.latencies.read,
      fixedNs: -Math.min(saved, largestShare * this.latencies.read.meanNs),
      transferNs,
    };
  }

  /** What a byte more costs between the two sizes that writes are stated for. */
  private slopeNsPerByte(): number {
    const { write, smallWrite } = this.storage.ops;
    const bytes = write.referenceBytes - smallWrite.referenceBytes;
    const ns = this.latencies.write.meanNs - this.latencies.smallWrite.meanNs;
    return bytes > 0 && ns > 0 ? ns / bytes : 0;
  }
}

const known = new WeakMap<StorageSpec, DeviceCosts>();

/** Costs on a storage, worked out once: timers are made by the thousand. */
export function costsOn(storage: StorageSpec): DeviceCosts {
  const before = known.get(storage);
  if (before) return before;
  const costs = new DeviceCosts(storage);
  known.set(storage, costs);
  return costs;
}
