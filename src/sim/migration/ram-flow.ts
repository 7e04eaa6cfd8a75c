/**
 * RAM as a fluid that leaves in windows of 100 ms: it flows as fast as the link or the processor lets it until the
 * window has had what max-bandwidth gives it, and the rest of the window is slept through. The end of a window sets
 * the threshold that the rule (precopy.ts) compares with. (migration.c, migration_rate_limit and
 * migration_update_counters; ram.c, ram_save_iterate)
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { HostSpec, LinkSpec, MigrationSpec, QemuSpec, RamSpec } from '../scenario.js';
import {
  dirtiedBytes,
  type Flow,
  flow,
  overChannels,
  PAGE_BYTES,
  settledRoundNs,
  wireBytesPerS,
} from './ram-wire.js';
import { firstLimit, type Watched } from './ramp.js';
import { ThrottledRam } from './throttle.js';

const WINDOW_NS = 100e6;
/** What an iteration of RAM with nothing to send puts on the wire: header, end and footer of a section (savevm.c). */
export const MARK_BYTES = 18;
/** A window that is slept through ends on a whole millisecond of the clock: half of one later, in the mean. */
const ROUNDING_NS = 0.5e6;
/**
 * The core looks at what is left after every iteration of RAM. That ends when more than 50 whole milliseconds have gone,
 * and looks at the clock after its first page and then after every 64 (ram.c, ram_save_iterate, MAX_WAIT).
 */
const ITERATION_NS = 51e6;
const PAGES_BETWEEN_LOOKS = 64;
/** Under a ramp the limit may rise at any time, or post-copy begin: no more than a second is passed in one step. */
const RAMP_WINDOWS = 10;
/** Looks in a row without progress (5 s, or 10 s where each window sleeps) after which RAM is said not to converge. */
const STUCK_LOOKS = 100;

/** What decides how RAM leaves. */
export interface RamSituation {
  readonly ram: RamSpec;
  readonly link: LinkSpec;
  readonly host: HostSpec;
  readonly migration: MigrationSpec;
  readonly qemu: QemuSpec;
  /** What this migration gets of its bandwidths: 1 is all. */
  readonly speed: number;
}

/** The running totals of one pre-copy. Plain state, so that the rule reads as QEMU's does. */
export class RamFlow implements Watched {
  /** downtime-limit as it is now. */
  limitNs: TimeNs;
  leftBytes: number;
  thresholdBytes = 0;
  syncs = 1;
  sentBytes = 0;
  /** Of what is left, bytes of pages that are not all zero. */
  private usedLeftBytes: number;
  private current: Flow;
  private unsyncedNs = 0;
  private windowNs = 0;
  private windowBytes = 0;
  private stuck = 0;
  private leastLeft = Number.POSITIVE_INFINITY;

  private ram: RamSpec;
  readonly held: ThrottledRam;
  private readonly host: HostSpec;
  private rate: number;
  private readonly speed: number;
  /** Of the whole link. */
  private readonly fullRate: number;
  private readonly maxBytesPerS: number;
  /** Bytes on the wire that a window may take. */
  private readonly windowMaxBytes: number;
  private readonly markNs: number;
  /** One round of a wait in which the dirty log is read: marks, the reading, and what was dirtied since the last. */
  private readonly roundNs: number;
  private readonly roundBytes: number;
  private readonly waitReadsLog: boolean;
  /** What the threshold follows instead of the last window: avail-switchover-bandwidth, or if `fixed` the link. */
  private readonly knownBytesPerS: number | null;
  private readonly farWindows: number;

  constructor({ ram, migration, host: whole, link, qemu, speed }: RamSituation) {
    const host = overChannels(whole, migration.multifdChannels);
    this.ram = ram;
    this.held = new ThrottledRam(ram, migration.autoConverge === true);
    this.host = host;
    this.limitNs = firstLimit(migration.ramp, migration.downtimeLimitNs);
    this.knownBytesPerS = migration.switchoverBytesPerS ?? (qemu.fixed ? link.bytesPerS : null);
    const isSteered = migration.ramp !== null || migration.postcopyAfterNs !== undefined;
    this.farWindows = isSteered ? RAMP_WINDOWS : Number.POSITIVE_INFINITY;
    this.rate = link.bytesPerS * speed;
    this.speed = speed;
    this.fullRate = this.rate;
    const maxBytesPerS = migration.maxBytesPerS * speed;
    this.maxBytesPerS = maxBytesPerS;
    this.windowMaxBytes = (maxBytesPerS * WINDOW_NS) / 1e9;
    this.markNs = Math.max(host.perMarkNs, (MARK_BYTES / Math.min(this.rate, maxBytesPerS)) * 1e9);
    this.waitReadsLog = qemu.waitReadsLog;
    const { pageBytesPerS } = flow(1, this.rate, host);
    this.roundNs = settledRoundNs(ram, pageBytesPerS, this.markNs + host.perSyncNs, ITERATION_NS);
    this.roundBytes = this.roundNs < ITERATION_NS ? dirtiedBytes(ram, this.roundNs) : 0;
    this.leftBytes = ram.sizeBytes;
    this.usedLeftBytes = Math.min(ram.usedBytes, ram.sizeBytes);
    this.current = this.flowNow();
    if (this.knownBytesPerS !== null) this.thresholdBytes = this.knownBytesPerS * (this.limitNs / 1e9);
  }

  /** Others leave it so much of the link from now on. */
  setLink(bytesPerS: number): void {
    const rate = Math.min(this.fullRate, bytesPerS * this.speed);
    if (rate === this.rate) return;
    this.rate = rate;
    this.current = this.flowNow();
  }

  /** What it takes of the link while the guest runs, if nobody else does. */
  get askedBytesPerS(): number {
    return Math.min(this.maxBytesPerS, wireBytesPerS(this.flowAt(this.fullRate))) / this.speed;
  }

  /** What it takes of it in the stop, now and if nobody else did. */
  get linkBytesPerS(): { readonly now: number; readonly most: number } {
    return {
      now: wireBytesPerS(this.flowNow()) / this.speed,
      most: wireBytesPerS(this.flowAt(this.fullRate)) / this.speed,
    };
  }

  /** The window has had what max-bandwidth gives it. */
  get isLimited(): boolean {
    return this.windowBytes >= this.windowMaxBytes;
  }

  get isStuck(): boolean {
    return this.stuck >= STUCK_LOOKS && this.leftBytes >= this.thresholdBytes;
  }

  /** Of a window that has had its bytes. */
  get sleepNs(): TimeNs {
    return this.restOfWindowNs + ROUNDING_NS;
  }

  /** How long a window lasts far from the threshold. */
  get wholeWindowNs(): TimeNs {
    const sleeps =
      this.current.pageBytesPerS * this.current.wirePerPageByte * (WINDOW_NS / 1e9) > this.windowMaxBytes;
    return sleeps ? WINDOW_NS + ROUNDING_NS : WINDOW_NS;
  }

  private get restOfWindowNs(): TimeNs {
    return WINDOW_NS - this.windowNs;
  }

  /** What management is told to be left. What a round dirties is sent in it, and is there as often as not. */
  get remainingBytes(): number {
    return this.isIdle ? 0 : this.leftBytes;
  }

  /** How long the next iteration lasts: until RAM is sent, the window has had its bytes, or it is time to look again. */
  iterationNs(): TimeNs {
    if (this.isIdle) return Math.min(ITERATION_NS, this.restOfWindowNs);
    const { pageBytesPerS, wirePerPageByte } = this.current;
    const roomBytes = Math.max(1, this.windowMaxBytes - this.windowBytes);
    const pageBytes = Math.min(this.leftBytes, roomBytes / wirePerPageByte);
    const pageNs = (PAGE_BYTES / pageBytesPerS) * 1e9;
    if (pageNs === 0) return 1;
    const looks = Math.max(0, Math.ceil((ITERATION_NS / pageNs - 1) / PAGES_BETWEEN_LOOKS));
    const longestNs = (1 + looks * PAGES_BETWEEN_LOOKS) * pageNs;
    return Math.max(1, Math.ceil(Math.min((pageBytes / pageBytesPerS) * 1e9, longestNs)));
  }

  /** Far from the threshold windows are all alike: so many of them can be passed in one step. */
  get alikeWindows(): number {
    if (this.windowNs > 0 || this.thresholdBytes === 0) return 0;
    const far = Math.floor((this.leftBytes - this.thresholdBytes) / this.windowPageBytes) - 2;
    return Math.max(0, Math.min(far, this.farWindows));
  }

  passWindows(count: number): void {
    this.send(count * this.windowPageBytes);
    this.unsyncedNs += count * this.wholeWindowNs;
  }

  pass(ns: TimeNs): void {
    if (this.isIdle) {
      this.idle(ns);
      return;
    }
    const sent = this.send((this.current.pageBytesPerS * ns) / 1e9);
    this.windowBytes += sent * this.current.wirePerPageByte;
    this.sleep(ns);
  }

  /** Time in which nothing is sent. The end of the window sets the threshold. */
  sleep(ns: TimeNs): void {
    this.unsyncedNs += ns;
    this.windowNs += ns;
    if (this.windowNs < WINDOW_NS) return;
    const perNs = this.knownBytesPerS === null ? this.windowBytes / this.windowNs : this.knownBytesPerS / 1e9;
    this.thresholdBytes = perNs * this.limitNs;
    this.windowNs = 0;
    this.windowBytes = 0;
  }

  /** No more is left than is dirtied between two readings of the log. */
  private get isIdle(): boolean {
    return this.leftBytes <= (this.readsLog ? 2 * this.roundBytes : 0);
  }

  /**
   * Up to 8.2 the log is read in every round in which RAM is below the threshold, which the first window does not have. A guest
   * that dirties so much that a round never ends leaves no time to wait in.
   */
  private get readsLog(): boolean {
    return this.waitReadsLog && this.thresholdBytes > 0 && this.roundNs < ITERATION_NS;
  }

  /**
   * Time with nothing to send but marks, as fast as the source loops. Where it reads the log in between it loops more slowly,
   * and what the guest dirties leaves at once.
   */
  private idle(ns: TimeNs): void {
    const { readsLog } = this;
    const rounds = ns / (readsLog ? this.roundNs : this.markNs);
    this.windowBytes += rounds * MARK_BYTES;
    if (readsLog) {
      const wireBytes = rounds * this.roundBytes * this.current.wirePerPageByte;
      this.windowBytes += wireBytes;
      this.sentBytes += wireBytes;
      this.syncs += Math.round(rounds);
      this.leftBytes = 0;
      this.usedLeftBytes = 0;
      this.unsyncedNs = this.roundNs - ns;
    }
    this.sleep(ns);
  }

  /** Reads the dirty log: what was dirtied since the last reading must be sent again, or for the first time as before. */
  sync(): void {
    const { usedBytes } = this.ram;
    const sentShare = usedBytes > 0 ? 1 - this.usedLeftBytes / usedBytes : 0;
    const againBytes = sentShare * dirtiedBytes(this.ram, this.unsyncedNs);
    this.leftBytes += againBytes;
    this.usedLeftBytes += againBytes;
    if (this.held.note(Math.max(0, this.unsyncedNs), againBytes, this.sentBytes)) {
      this.ram = this.held.ram;
      this.stuck = 0;
    }
    this.unsyncedNs = 0;
    this.syncs++;
    this.current = this.flowNow();
    if (this.leftBytes < this.leastLeft * 0.999) {
      this.leastLeft = this.leftBytes;
      this.stuck = 0;
    } else this.stuck++;
  }

  /** What is left, sent in one go. */
  restNs(): TimeNs {
    return Math.round((this.leftBytes / this.flowNow().pageBytesPerS) * 1e9);
  }

  /** What this much RAM takes, whatever of it happens to be left: pages in use go before zero pages. */
  mostNs(bytes: number): TimeNs {
    const used = Math.min(bytes, this.ram.usedBytes, this.ram.sizeBytes);
    const zero = Math.min(bytes, this.ram.sizeBytes) - used;
    const seconds =
      used / flow(1, this.rate, this.host).pageBytesPerS + zero / flow(0, this.rate, this.host).pageBytesPerS;
    return Math.round(seconds * 1e9);
  }

  private send(canBytes: number): number {
    const sent = Math.min(this.leftBytes, canBytes);
    this.usedLeftBytes *= sent < this.leftBytes ? 1 - sent / this.leftBytes : 0;
    this.leftBytes -= sent;
    this.sentBytes += sent * this.current.wirePerPageByte;
    if (this.leftBytes < 1) {
      this.leftBytes = 0;
      this.usedLeftBytes = 0;
    }
    return sent;
  }

  /** Bytes of pages that a full window takes. */
  private get windowPageBytes(): number {
    const { pageBytesPerS, wirePerPageByte } = this.current;
    return Math.min((pageBytesPerS * WINDOW_NS) / 1e9, this.windowMaxBytes / wirePerPageByte);
  }

  private flowNow(): Flow {
    return this.flowAt(this.rate);
  }

  private flowAt(rate: number): Flow {
    return flow(this.leftBytes > 0 ? this.usedLeftBytes / this.leftBytes : 1, rate, this.host);
  }
}
