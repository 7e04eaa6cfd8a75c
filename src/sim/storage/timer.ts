/**
 * How long a list of requests takes, one after another: the device (costs.ts), QEMU's own time (HostSpec),
 * what a flush pays for bytes written before it, a token bucket, slow spells, and neighbours.
 *
 * The timer remembers bytes not yet flushed from one list to the next; make one for each disk and run. Tokens and spells
 * are the device's: whoever shares it shares them.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Rng } from '../../kernel/rng.js';
import type { HostSpec, StorageSpec } from '../scenario.js';
import type { StoreOp } from '../types.js';
import { costsOn, type DeviceCosts, type OpDuration } from './costs.js';
import { type AloneRun, PIECES_MAX } from './shared-storage.js';
import type { Pace } from './spells.js';
import { TokenBucket } from './token-bucket.js';

const MIB = 2 ** 20;

export interface TimerOptions {
  /** Entries of the image's L1 table (Qcow2Image.l1Entries). */
  readonly l1Entries: number;
  /** What-if: data, punches and loads go out this many at a time. QEMU: 1. */
  readonly queueDepth?: number;
  /** The device's tokens; left out: a full bucket of its own. */
  readonly tokens?: TokenBucket;
  /** The device's slow and fast spells; left out: it is always as fast as in the mean. */
  readonly spells?: Pace;
  /** The clock of tokens and spells; left out: requests follow one another without a pause. */
  readonly now?: () => TimeNs;
}

/** Requests as a device takes them that has no limit and nobody else to serve. */
export interface DeviceWork {
  readonly requests: number;
  readonly deviceNs: number;
  /** The part of it that is bytes on the wire or the media. */
  readonly transferNs: number;
  /** QEMU's own time for them. */
  readonly hostNs: number;
  /** Whether there are writes or punches among them, for a flush to come. */
  readonly writes: boolean;
}

/** A sum of times: its mean and variance, and the mean by purpose and by class. */
export interface TimeEstimate {
  readonly meanNs: number;
  readonly varianceNs2: number;
  readonly byPurpose: Readonly<Partial<Record<StoreOp['purpose'], number>>>;
  /** Device time alone, by class of op; what is left of the mean is the host's. */
  readonly deviceByClass: Readonly<Partial<Record<StoreOp['op'], number>>>;
}

/** Where random numbers come from. */
export interface RandomSource {
  readonly rng: Rng;
}

/** One draw of the time of so many requests, one after another, on a device of one's own. */
function drawn(count: number, { sums, latency, fixedNs }: OpDuration, source: RandomSource): number {
  return sums === null ? count * Math.max(0, latency.meanNs + fixedNs) : sums(count, source.rng);
}

/** Single draws, for as many requests (or groups of them) as are told apart. */
function weightsOf(count: number, { latency, fixedNs }: OpDuration, { rng }: RandomSource): Float64Array {
  return Float64Array.from({ length: Math.min(count, PIECES_MAX) }, () =>
    Math.max(0, latency.draw(rng) + fixedNs),
  );
}

const PARALLEL: ReadonlySet<StoreOp['purpose']> = new Set(['data', 'punch', 'load']);

export class OpTimer {
  private readonly storage: StorageSpec;
  private readonly host: HostSpec;
  private readonly options: TimerOptions;
  private readonly costs: DeviceCosts;
  private tokens: TokenBucket;
  private spells: Pace | undefined;
  /** Other VMs on the device, always. */
  private readonly neighbours: number;
  private unflushedBytes = 0;
  /** When the requests so far have ended. */
  private clockNs: TimeNs = 0;

  constructor(storage: StorageSpec, host: HostSpec, options: TimerOptions) {
    this.storage = storage;
    this.host = host;
    this.options = options;
    this.costs = costsOn(storage);
    this.neighbours = 1 / (1 - storage.otherLoad);
    this.tokens = options.tokens ?? new TokenBucket(storage.opsPerS, storage.burstOps);
    this.spells = options.spells;
  }

  /** As if it were new, on a device in this state. */
  beginAnew({ tokens, spells }: Pick<TimerOptions, 'tokens' | 'spells'>): void {
    this.tokens = tokens ?? new TokenBucket(this.storage.opsPerS, this.storage.burstOps);
    this.spells = spells;
    this.unflushedBytes = 0;
    this.clockNs = 0;
  }

  /** One draw of how long the op (all `count` of it) takes, in nanoseconds. */
  draw(op: StoreOp, rng: Rng): number {
    return this.drawFrom(op, { rng });
  }

  /** The same from a stream that is made only where something is drawn. */
  drawFrom(op: StoreOp, source: RandomSource): number {
    const duration = this.costs.of(op.op, op.bytes);
    const deviceNs = this.deviceNs(op, duration, drawn(op.count, duration, source));
    return this.limited(op.count, deviceNs * this.neighbours, this.hostNs(op));
  }

  /** The same for a device that others use too: what it is without them. `split`: how the time falls on single requests. */
  drawAlone(op: StoreOp, source: RandomSource, split: RandomSource): AloneRun {
    const duration = this.costs.of(op.op, op.bytes);
    const serialNs = drawn(op.count, duration, source);
    const work = this.finish(op, duration, serialNs);
    const ownNs = work.deviceNs;
    const busyNs = this.spells?.elapsedNs(this.fromNs, ownNs) ?? ownNs;
    const wholeNs = Math.round(this.limited(op.count, ownNs, work.hostNs));
    const writes = op.op === 'write' || op.op === 'smallWrite';
    // The page cache is the host's own.
    if (writes && this.storage.hostCache === 'writeback')
      return { requests: op.count, wholeNs, deviceNs: 0, transferNs: 0, weights: null };
    const flushedNs = op.op === 'flush' ? ownNs - serialNs * this.neighbours : 0;
    const transferNs = ownNs > 0 ? ((work.transferNs + flushedNs) * busyNs) / ownNs : 0;
    const deviceNs = Math.min(wholeNs, busyNs);
    const weights = duration.sums === null ? null : weightsOf(op.count, duration, split);
    return { requests: op.count, wholeNs, deviceNs, transferNs, weights };
  }

  /** One draw for a device whose limit, and whose other customers, somebody else accounts for. */
  drawWork(op: StoreOp, rng: Rng): DeviceWork {
    const duration = this.costs.of(op.op, op.bytes);
    return this.finish(op, duration, drawn(op.count, duration, { rng }));
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
      const serialNs = op.count * oneNs;
      const work = this.finish(op, duration, serialNs);
      const totalNs = this.limited(work.requests, work.deviceNs, work.hostNs);
      meanNs += totalNs;
      const stretch = this.stretch(work.deviceNs, serialNs);
      varianceNs2 += op.count * duration.latency.varianceNs2 * stretch ** 2;
      byPurpose[op.purpose] = (byPurpose[op.purpose] ?? 0) + totalNs;
      deviceByClass[op.op] = (deviceByClass[op.op] ?? 0) + totalNs - work.hostNs;
    }
    return { meanNs, varianceNs2, byPurpose, deviceByClass };
  }

  /**
   * Host time that is not any request's: bitmaps in memory, serialised on one side and made anew on the other, and the
   * disk itself. Nothing where it has no bitmaps.
   */
  fixedNs(bitmapBytes: number): number {
    return this.storage.includesHost || bitmapBytes === 0
      ? 0
      : this.host.perDiskNs + this.host.perBitmapMiBNs * (bitmapBytes / MIB);
  }

  private finish(op: StoreOp, duration: OpDuration, serialNs: number): DeviceWork {
    const deviceNs = this.deviceNs(op, duration, serialNs);
    return {
      requests: op.count,
      deviceNs: deviceNs * this.neighbours,
      transferNs: Math.min(deviceNs, op.count * duration.transferNs) * this.neighbours,
      hostNs: this.hostNs(op),
      writes: op.op !== 'read' && op.op !== 'flush',
    };
  }

  /** What the device takes without its neighbours; remembers what a flush will have to pay for. */
  private deviceNs(op: StoreOp, duration: OpDuration, serialNs: number): number {
    const deviceNs = this.overlapped(op, duration, serialNs);
    if (op.op === 'write' || op.op === 'smallWrite') this.unflushedBytes += op.count * op.bytes;
    if (op.op !== 'flush') return deviceNs;
    const unflushedBytes = this.unflushedBytes;
    this.unflushedBytes = 0;
    return deviceNs + unflushedBytes * this.costs.flushNsPerByte;
  }

  /** How much of the spread of single requests is left: none of it grows by what a flush pays for bytes. */
  private stretch(deviceNs: number, serialNs: number): number {
    return serialNs > 0 ? Math.min(this.neighbours, deviceNs / serialNs) : this.neighbours;
  }

  /** Requests in flight together share the wait but not the transfer. */
  private overlapped(op: StoreOp, duration: OpDuration, serialNs: number): number {
    const depth = Math.min(this.options.queueDepth ?? 1, this.storage.channels, op.count);
    if (depth <= 1 || !PARALLEL.has(op.purpose)) return serialNs;
    return Math.max(serialNs / depth, op.count * duration.transferNs);
  }

  /** When the next requests begin. */
  private get fromNs(): TimeNs {
    return Math.max(this.clockNs, this.options.now?.() ?? 0);
  }

  /** Token bucket: free while tokens last, then at the bucket's rate. */
  private limited(requests: number, deviceNs: number, hostNs: number): number {
    const { fromNs } = this;
    const busyNs = this.spells?.elapsedNs(fromNs, deviceNs) ?? deviceNs;
    const totalNs = this.tokens.take(requests, fromNs, busyNs) + hostNs;
    this.clockNs = fromNs + totalNs;
    return totalNs;
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
