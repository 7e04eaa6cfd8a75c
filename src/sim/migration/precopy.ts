/**
 * RAM pre-copy as a fluid, and QEMU's rule for when to stop the guest (migration.c
 * migration_update_counters and migration_iteration_run, ram.c ram_save_pending, 7.2):
 *
 *   every 100 ms      bandwidth  = bytes sent in the window / its length
 *                     threshold  = bandwidth x downtime-limit
 *                     a window that had max-bandwidth's bytes sleeps to its end
 *   each iteration    switch over as soon as  RAM left + what others report as pending  is 0, or below the threshold
 *                     (since 10.0: or equal to it)
 *
 * RAM left is known from the last synchronisation of the dirty log; it is synchronised again when it falls below
 * the threshold, and a last time in the stop. The rule knows nothing of bitmaps that are stored at the stop, which is the gap stopgap measures.
 */
import type { Kernel, TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import type { HostSpec, LinkSpec, MigrationSpec, RamSpec } from '../scenario.js';

const PAGE_BYTES = 4096;
/** A page on the wire: its bytes and an 8-byte header; a zero page is the header and one byte (ram.c, save_zero_page). */
const PAGE_WIRE_BYTES = PAGE_BYTES + 8;
const ZERO_PAGE_WIRE_BYTES = 9;
const WINDOW_NS = 100e6;
/** The core looks at what is left after every iteration of RAM, which lasts at most this long (ram.c MAX_WAIT). */
const ITERATION_NS = 50e6;
/** A source with nothing to send loops about 30,000 times a second and sends some 30 bytes of section marks each time. */
const IDLE_LOOP_BYTES_PER_S = 0.9e6;
/** Iterations in a row without progress (5 s) after which RAM is said not to converge. */
const STUCK_ITERATIONS = 100;

export interface Precopy {
  readonly state: 'ready' | 'not-converged';
  /** Why it did not converge, in words. */
  readonly reason: string | null;
  /** RAM still to be sent in the stop, and the time that takes: max-bandwidth does not hold there. */
  readonly ramLeftBytes: number;
  readonly ramStopNs: TimeNs;
}

/** What somebody else reports as pending, in the bytes that are compared with the threshold. */
export type Pending = (thresholdBytes: number) => number;

/**
 * Distinct bytes of the working set dirtied in `ns`: it saturates at the working set.
 * @internal
 */
export function dirtiedBytes(ram: RamSpec, ns: TimeNs): number {
  if (ram.workingSetBytes === 0 || ram.dirtyBytesPerS === 0) return 0;
  const share = -Math.expm1((-ram.dirtyBytesPerS * (ns / 1e9)) / ram.workingSetBytes);
  return ram.workingSetBytes * share;
}

/** How fast a mix of pages is sent: page bytes per second, and the bytes that puts on the wire. */
interface Flow {
  readonly pageBytesPerS: number;
  readonly wirePerPageByte: number;
}

/** The flow of pages of which this share is not all zero, at this rate of the wire. */
function flow(usedShare: number, rate: number, host: HostSpec): Flow {
  const wire = usedShare * PAGE_WIRE_BYTES + (1 - usedShare) * ZERO_PAGE_WIRE_BYTES;
  const cpuNs = usedShare * host.perPageNs + (1 - usedShare) * host.perZeroPageNs;
  const secondsPerPage = Math.max(wire / rate, cpuNs / 1e9);
  return { pageBytesPerS: PAGE_BYTES / secondsPerPage, wirePerPageByte: wire / PAGE_BYTES };
}

/** The running totals of one pre-copy. Plain state, so that the process below reads as the rule does. */
class RamFlow {
  leftBytes: number;
  /** Of these, bytes of pages that are not all zero. */
  private usedLeftBytes: number;
  thresholdBytes = 0;
  private current: Flow;
  private unsyncedNs = 0;
  private windowNs = 0;
  private windowBytes = 0;
  private stuck = 0;
  private leastLeft = Number.POSITIVE_INFINITY;

  private readonly ram: RamSpec;
  private readonly limitNs: TimeNs;
  private readonly rate: number;
  /** Bytes on the wire that a window may take; the rest of it is slept through. */
  private readonly windowMaxBytes: number;
  private readonly host: HostSpec;
  private readonly knownBytesPerS: number | null;

  constructor({ ram, migration, link, host, linkKnown, speed }: PrecopyInput) {
    this.ram = ram;
    this.limitNs = migration.downtimeLimitNs;
    this.knownBytesPerS = linkKnown ? link.bytesPerS : null;
    this.rate = link.bytesPerS * speed;
    this.windowMaxBytes = (migration.maxBytesPerS * speed * WINDOW_NS) / 1e9;
    this.host = host;
    this.leftBytes = ram.sizeBytes;
    this.usedLeftBytes = Math.min(ram.usedBytes, ram.sizeBytes);
    this.current = this.flowNow();
    if (this.knownBytesPerS !== null) this.thresholdBytes = this.knownBytesPerS * (this.limitNs / 1e9);
  }

  /** The window has had what max-bandwidth gives it. */
  get isLimited(): boolean {
    return this.windowBytes >= this.windowMaxBytes;
  }

  get restOfWindowNs(): TimeNs {
    return WINDOW_NS - this.windowNs;
  }

  /** How long the next iteration lasts: until RAM is sent, the window has had its bytes, or it is time to look again. */
  iterationNs(waiting: boolean): TimeNs {
    const { pageBytesPerS, wirePerPageByte } = this.current;
    if (waiting || this.leftBytes === 0) return Math.min(ITERATION_NS, this.restOfWindowNs);
    const wireLeftBytes = Math.min(
      this.leftBytes * wirePerPageByte,
      Math.max(1, this.windowMaxBytes - this.windowBytes),
    );
    const ns = Math.ceil((wireLeftBytes / (pageBytesPerS * wirePerPageByte)) * 1e9);
    return Math.max(1, Math.min(ns, ITERATION_NS));
  }

  /** Far from the threshold windows are all alike: this many of them can be passed in one step. */
  get alikeWindows(): number {
    if (this.windowNs > 0 || this.thresholdBytes === 0) return 0;
    return Math.max(0, Math.floor((this.leftBytes - this.thresholdBytes) / this.windowPageBytes) - 2);
  }

  passWindows(count: number): void {
    this.send(count * this.windowPageBytes);
    this.unsyncedNs += count * WINDOW_NS;
  }

  pass(ns: TimeNs): void {
    const canBytes = (this.current.pageBytesPerS * ns) / 1e9;
    const sent = this.send(canBytes);
    const idleShare = 1 - sent / canBytes;
    this.windowBytes += sent * this.current.wirePerPageByte + (idleShare * IDLE_LOOP_BYTES_PER_S * ns) / 1e9;
    this.sleep(ns);
  }

  /** Time in which nothing is sent; the counters are brought up to date at its end. */
  sleep(ns: TimeNs): void {
    this.unsyncedNs += ns;
    this.windowNs += ns;
    if (this.windowNs < WINDOW_NS) return;
    if (this.knownBytesPerS === null) this.thresholdBytes = (this.windowBytes / this.windowNs) * this.limitNs;
    this.windowNs = 0;
    this.windowBytes = 0;
  }

  /** Reads the dirty log: what was dirtied since the last reading must be sent again, or for the first time as before. */
  sync(): void {
    const { usedBytes } = this.ram;
    const sentShare = usedBytes > 0 ? 1 - this.usedLeftBytes / usedBytes : 0;
    const againBytes = sentShare * dirtiedBytes(this.ram, this.unsyncedNs);
    this.leftBytes += againBytes;
    this.usedLeftBytes += againBytes;
    this.unsyncedNs = 0;
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

  get isStuck(): boolean {
    return this.stuck >= STUCK_ITERATIONS && this.leftBytes >= this.thresholdBytes;
  }

  private send(canBytes: number): number {
    const sent = Math.min(this.leftBytes, canBytes);
    this.usedLeftBytes *= sent < this.leftBytes ? 1 - sent / this.leftBytes : 0;
    this.leftBytes -= sent;
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
    return flow(this.leftBytes > 0 ? this.usedLeftBytes / this.leftBytes : 1, this.rate, this.host);
  }
}

export interface PrecopyInput {
  readonly kernel: Kernel;
  readonly ram: RamSpec;
  readonly link: LinkSpec;
  readonly host: HostSpec;
  readonly migration: MigrationSpec;
  /** True: the threshold follows the link (avail-switchover-bandwidth, 8.2+), not the last window. */
  readonly linkKnown: boolean;
  /** True: pending equal to the threshold is little enough (10.0 and later). */
  readonly equalSwitches: boolean;
  /** What this migration gets of its bandwidths: 1 is all. */
  readonly speed: number;
}

/** Runs until the rule says stop, or until it will not within the timeout. */
export function* precopy(input: PrecopyInput, pending: Pending): Process<Precopy> {
  const { kernel, migration } = input;
  const flowState = new RamFlow(input);
  const result = (state: Precopy['state'], reason: string | null): Precopy => {
    // The guest halts, and what it dirtied since is sent in the stop.
    flowState.sync();
    return { state, reason, ramLeftBytes: flowState.leftBytes, ramStopNs: flowState.restNs() };
  };
  const little = (pendingBytes: number): boolean =>
    pendingBytes === 0 ||
    pendingBytes < flowState.thresholdBytes ||
    (input.equalSwitches && pendingBytes === flowState.thresholdBytes);
  /** Since when only others keep the guest running; -1: RAM itself is not ready. */
  let waitingSinceNs = -1;
  let heldBack = false;
  for (;;) {
    const waiting = waitingSinceNs >= 0;
    const alike = waiting ? 0 : flowState.alikeWindows;
    if (alike > 0) {
      yield alike * WINDOW_NS;
      flowState.passWindows(alike);
    }
    const ns = flowState.iterationNs(waiting);
    yield ns;
    flowState.pass(ns);
    if (flowState.isLimited) {
      const restNs = flowState.restOfWindowNs;
      yield restNs;
      flowState.sleep(restNs);
    }
    const threshold = flowState.thresholdBytes;
    if (flowState.leftBytes > threshold && flowState.leftBytes > 0) continue;
    if (flowState.leftBytes < threshold) flowState.sync();
    if (!little(flowState.leftBytes)) {
      if (flowState.isStuck) return result('not-converged', heldBack ? STARVED : FAST_GUEST);
      waitingSinceNs = -1;
      continue;
    }
    const others = pending(threshold);
    if (little(flowState.leftBytes + others)) return result('ready', null);
    heldBack = true;
    if (!waiting) waitingSinceNs = kernel.nowNs;
    if (kernel.nowNs - waitingSinceNs >= migration.timeoutNs)
      return result('not-converged', notConverged(others, threshold, migration));
  }
}

const FAST_GUEST = 'the guest dirties its RAM faster than the link takes it';
/** The bandwidth is what was sent in the last window, and a migration that waits has next to nothing to send. */
const STARVED =
  'bitmaps kept the guest running; the bandwidth measured while waiting is so low that its RAM no longer fits';

function notConverged(pendingBytes: number, thresholdBytes: number, migration: MigrationSpec): string {
  const seconds = Math.round(migration.timeoutNs / 1e9);
  if (pendingBytes === Number.POSITIVE_INFINITY)
    return `what must be done before the stop is not done ${seconds} s after RAM was ready`;
  const mb = (bytes: number): string => `${Number((bytes / 1e6).toPrecision(3))} MB`;
  return (
    `pending stays at ${mb(pendingBytes)} against a threshold of ${mb(thresholdBytes)} ` +
    `for ${seconds} s after RAM was ready`
  );
}
