/**
 * How long a list of requests takes, one after another: the device (costs.ts), QEMU's own time (HostSpec),
 * what a flush pays for bytes written before it, a token bucket, and neighbours.
 *
 * The timer remembers bytes not yet flushed and tokens not yet used from one list to the next; make one for
 * each disk and run.
 */
import { standardNormal } from '../../kernel/distributions.js';
import type { Rng } from '../../kernel/rng.js';
import type { HostSpec, StorageSpec } from '../scenario.js';
import type { StoreOp } from '../types.js';
import { DeviceCosts, type OpDuration } from './costs.js';

const NS_PER_S = 1e9;
const MIB = 2 ** 20;
/** Sums of more draws than this are taken from their normal limit. */
const DRAWS_MAX = 2_000;

export interface TimerOptions {
  /** Entries of the image's L1 table (Qcow2Image.l1Entries). */
  readonly l1Entries: number;
  /** What-if: data, punches and loads go out this many at a time. QEMU: 1. */
  readonly queueDepth?: number;
}

/** A sum of times: its mean and variance, and the mean by purpose and by class. */
export interface TimeEstimate {
  readonly meanNs: number;
  readonly varianceNs2: number;
  readonly byPurpose: Readonly<Partial<Record<StoreOp['purpose'], number>>>;
  /** Device time alone, by class of op; what is left of the mean is the host's. */
  readonly deviceByClass: Readonly<Partial<Record<StoreOp['op'], number>>>;
}

const PARALLEL: ReadonlySet<StoreOp['purpose']> = new Set(['data', 'punch', 'load']);

export class OpTimer {
  private readonly storage: StorageSpec;
  private readonly host: HostSpec;
  private readonly options: TimerOptions;
  private readonly costs: DeviceCosts;
  private unflushedBytes = 0;
  private tokens: number;

  constructor(storage: StorageSpec, host: HostSpec, options: TimerOptions) {
    this.storage = storage;
    this.host = host;
    this.options = options;
    this.costs = new DeviceCosts(storage);
    this.tokens = storage.burstOps;
  }

  /** One draw of how long the op (all `count` of it) takes, in nanoseconds. */
  draw(op: StoreOp, rng: Rng): number {
    const duration = this.costs.of(op.op, op.bytes);
    const { latency, fixedNs } = duration;
    const single = (): number => Math.max(0, latency.draw(rng) + fixedNs);
    let deviceNs = 0;
    if (latency.varianceNs2 === 0) deviceNs = op.count * single();
    else if (op.count <= DRAWS_MAX) for (let i = 0; i < op.count; i++) deviceNs += single();
    else {
      const spread = Math.sqrt(op.count * latency.varianceNs2) * standardNormal(rng);
      deviceNs = Math.max(0, op.count * Math.max(0, latency.meanNs + fixedNs) + spread);
    }
    return this.finish(op, duration, deviceNs).totalNs;
  }

  /** As draw, for a whole list. */
  drawAll(ops: readonly StoreOp[], rng: Rng): number {
    let totalNs = 0;
    for (const op of ops) totalNs += this.draw(op, rng);
    return totalNs;
  }

  /** The expected time of the list, and its variance where every latency is drawn on its own. */
  expect(ops: readonly StoreOp[]): TimeEstimate {
    let meanNs = 0;
    let varianceNs2 = 0;
    const byPurpose: Partial<Record<StoreOp['purpose'], number>> = {};
    const deviceByClass: Partial<Record<StoreOp['op'], number>> = {};
    for (const op of ops) {
      const duration = this.costs.of(op.op, op.bytes);
      const oneNs = Math.max(0, duration.latency.meanNs + duration.fixedNs);
      const { totalNs, hostNs, stretch } = this.finish(op, duration, op.count * oneNs);
      meanNs += totalNs;
      varianceNs2 += op.count * duration.latency.varianceNs2 * stretch ** 2;
      byPurpose[op.purpose] = (byPurpose[op.purpose] ?? 0) + totalNs;
      deviceByClass[op.op] = (deviceByClass[op.op] ?? 0) + totalNs - hostNs;
    }
    return { meanNs, varianceNs2, byPurpose, deviceByClass };
  }

  /** Host time of a store that is not any request's: bitmaps in memory, and the disk itself. */
  fixedNs(bitmapBytes: number): number {
    return this.storage.includesHost
      ? 0
      : this.host.perDiskNs + this.host.perBitmapMiBNs * (bitmapBytes / MIB);
  }

  private finish(
    op: StoreOp,
    duration: OpDuration,
    serialNs: number,
  ): { totalNs: number; hostNs: number; stretch: number } {
    let deviceNs = this.overlapped(op, duration, serialNs);
    if (op.op === 'flush') {
      deviceNs += this.unflushedBytes * this.costs.flushNsPerByte;
      this.unflushedBytes = 0;
    } else if (op.op === 'write' || op.op === 'smallWrite') {
      this.unflushedBytes += op.count * op.bytes;
    }
    const neighbours = 1 / (1 - this.storage.otherLoad);
    const stretch = (serialNs > 0 ? Math.min(1, deviceNs / serialNs) : 1) * neighbours;
    deviceNs = this.limited(op.count, deviceNs * neighbours);
    const hostNs = this.hostNs(op);
    return { totalNs: deviceNs + hostNs, hostNs, stretch };
  }

  /** Requests in flight together share the wait but not the transfer. */
  private overlapped(op: StoreOp, duration: OpDuration, serialNs: number): number {
    const depth = Math.min(this.options.queueDepth ?? 1, this.storage.channels, op.count);
    if (depth <= 1 || !PARALLEL.has(op.purpose)) return serialNs;
    return Math.max(serialNs / depth, op.count * duration.transferNs);
  }

  /** Token bucket: free while tokens last, then at the bucket's rate. */
  private limited(count: number, deviceNs: number): number {
    const { opsPerS, burstOps } = this.storage;
    if (!Number.isFinite(opsPerS)) return deviceNs;
    const refilled = (deviceNs / NS_PER_S) * opsPerS;
    const left = this.tokens + refilled - count;
    this.tokens = Math.max(0, Math.min(burstOps, left));
    return left >= 0 ? deviceNs : deviceNs - (left / opsPerS) * NS_PER_S;
  }

  private hostNs(op: StoreOp): number {
    const { perWriteNs, perL1EntryNs, perPunchNs, perScannedClusterNs } = this.host;
    const scanNs = (op.scannedClusters ?? 0) * perScannedClusterNs;
    if (this.storage.includesHost) return scanNs;
    if (op.op === 'write' || op.op === 'smallWrite')
      return scanNs + op.count * (perWriteNs + this.options.l1Entries * perL1EntryNs);
    // The few reads of a store are lost in its fixed part; a load is a long chain of them, each a request as any.
    if (op.op === 'read') return op.purpose === 'load' ? op.count * perWriteNs : scanNs;
    return op.op === 'punch' ? scanNs + op.count * perPunchNs : scanNs;
  }
}
