/**
 * RAM pre-copy as a fluid, and QEMU's rule for when to stop the guest (migration.c
 * migration_update_counters and migration_iteration_run, ram.c ram_save_pending, 7.2):
 *
 *   every 100 ms      bandwidth  = bytes sent in the window / its length
 *                     threshold  = bandwidth x downtime-limit
 *   all the time      switch over as soon as  RAM left + what others report as pending  is 0, or below the threshold
 *                     (since 10.1: or equal to it)
 *
 * RAM left is known from the last synchronisation of the dirty log; it is synchronised again when it falls below
 * the threshold, and a last time in the stop. The rule knows nothing of bitmaps that are stored at the stop, which is the gap stopgap measures.
 */
import type { Kernel, TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import type { HostSpec, LinkSpec, MigrationSpec, QemuSpec, RamSpec, Scenario } from '../scenario.js';
import { firstLimit, RampState, raiseLimit } from './ramp.js';

const PAGE_BYTES = 4096;
/** A page on the wire: its bytes and an 8-byte header; a zero page is the header and one byte (ram.c, save_zero_page). */
const PAGE_WIRE_BYTES = PAGE_BYTES + 8;
const ZERO_PAGE_WIRE_BYTES = 9;
const WINDOW_NS = 100e6;
/** The core looks at what is left after every iteration of RAM, which lasts at most this long (ram.c MAX_WAIT). */
const ITERATION_NS = 50e6;
/** Under a ramp the limit may rise at any time, so no more than a second is passed in one step. */
const RAMP_WINDOWS = 10;
/** Iterations in a row without progress (5 s) after which RAM is said not to converge. */
const STUCK_ITERATIONS = 100;

export interface Precopy {
  readonly state: 'ready' | 'not-converged';
  /** Why it did not converge, in words. */
  readonly reason: string | null;
  /** RAM still to be sent in the stop, and the time that takes: max-bandwidth does not hold there. */
  readonly ramLeftBytes: number;
  readonly ramStopNs: TimeNs;
  /**
   * The longest that RAM could have taken: as much of it as the rule lets through at that moment. Where in an
   * iteration the rule says stop is luck; this is not.
   */
  readonly ramMostNs: TimeNs;
  /** What others reported as pending at that moment. */
  readonly othersBytes: number;
  /** downtime-limit at that moment. */
  readonly limitNs: TimeNs;
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
  /** downtime-limit as it is now. */
  limitNs: TimeNs;
  syncs = 1;
  sentBytes = 0;
  private readonly rate: number;
  private readonly host: HostSpec;
  /** What the source sends while it has nothing to send: section marks, as fast as it loops. */
  private readonly idleBytesPerS: number;
  /** What the threshold follows instead of the last window: avail-switchover-bandwidth, or if `fixed` the link. */
  private readonly knownBytesPerS: number | null;
  private readonly farWindows: number;

  constructor({ ram, migration, host, link, qemu }: PrecopyInput, rate: number) {
    this.ram = ram;
    this.limitNs = firstLimit(migration.ramp, migration.downtimeLimitNs);
    this.knownBytesPerS = migration.switchoverBytesPerS ?? (qemu.fixed ? link.bytesPerS : null);
    this.farWindows = migration.ramp === null ? Number.POSITIVE_INFINITY : RAMP_WINDOWS;
    this.rate = rate;
    this.host = host;
    this.idleBytesPerS = Math.min(qemu.idleBytesPerS, rate);
    this.leftBytes = ram.sizeBytes;
    this.usedLeftBytes = Math.min(ram.usedBytes, ram.sizeBytes);
    this.current = this.flowAt(rate);
    if (this.knownBytesPerS !== null) this.thresholdBytes = this.knownBytesPerS * (this.limitNs / 1e9);
  }

  /** Time to look again: after an iteration, when RAM is sent, when the window ends. */
  stepNs(waiting: boolean): TimeNs {
    const restOfWindow = WINDOW_NS - this.windowNs;
    if (waiting || this.leftBytes === 0) return Math.min(ITERATION_NS, restOfWindow);
    // Far from the threshold windows are all alike: pass most of them in one step.
    const windowBytes = (this.current.pageBytesPerS * WINDOW_NS) / 1e9;
    const far = Math.floor((this.leftBytes - this.thresholdBytes) / windowBytes) - 2;
    if (far > 0 && this.thresholdBytes > 0) return restOfWindow + Math.min(far, this.farWindows) * WINDOW_NS;
    const allNs = Math.ceil((this.leftBytes / this.current.pageBytesPerS) * 1e9);
    return Math.max(1, Math.min(allNs, ITERATION_NS, restOfWindow));
  }

  pass(ns: TimeNs): void {
    const sent = Math.min(this.leftBytes, (this.current.pageBytesPerS * ns) / 1e9);
    this.usedLeftBytes *= sent < this.leftBytes ? 1 - sent / this.leftBytes : 0;
    this.leftBytes -= sent;
    this.sentBytes += sent * this.current.wirePerPageByte;
    if (this.leftBytes < 1) {
      this.leftBytes = 0;
      this.usedLeftBytes = 0;
    }
    this.unsyncedNs += ns;
    this.windowNs += ns;
    const idleShare = 1 - sent / ((this.current.pageBytesPerS * ns) / 1e9);
    this.windowBytes += sent * this.current.wirePerPageByte + (idleShare * this.idleBytesPerS * ns) / 1e9;
    if (this.windowNs < WINDOW_NS) return;
    const perNs = this.knownBytesPerS === null ? this.windowBytes / this.windowNs : this.knownBytesPerS / 1e9;
    this.thresholdBytes = perNs * this.limitNs;
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
    this.syncs++;
    this.current = this.flowAt(this.rate);
    if (this.leftBytes < this.leastLeft * 0.999) {
      this.leastLeft = this.leftBytes;
      this.stuck = 0;
    } else this.stuck++;
  }

  /** What is left, sent in one go at this rate. */
  restNs(rate: number): TimeNs {
    return Math.round((this.leftBytes / this.flowAt(rate).pageBytesPerS) * 1e9);
  }

  /** What this much RAM takes, whatever of it happens to be left: pages in use go before zero pages. */
  mostNs(bytes: number, rate: number): TimeNs {
    const used = Math.min(bytes, this.ram.usedBytes, this.ram.sizeBytes);
    const zero = Math.min(bytes, this.ram.sizeBytes) - used;
    const seconds =
      used / flow(1, rate, this.host).pageBytesPerS + zero / flow(0, rate, this.host).pageBytesPerS;
    return Math.round(seconds * 1e9);
  }

  private flowAt(rate: number): Flow {
    return flow(this.leftBytes > 0 ? this.usedLeftBytes / this.leftBytes : 1, rate, this.host);
  }

  get isStuck(): boolean {
    return this.stuck >= STUCK_ITERATIONS && this.leftBytes >= this.thresholdBytes;
  }
}

export interface PrecopyInput {
  readonly kernel: Kernel;
  readonly ram: RamSpec;
  readonly link: LinkSpec;
  readonly host: HostSpec;
  readonly migration: MigrationSpec;
  readonly qemu: QemuSpec;
}

/** What is left of it to send where it stays in place. */
const NO_RAM: RamSpec = { sizeBytes: 0, usedBytes: 0, workingSetBytes: 0, dirtyBytesPerS: 0 };

/** What the pre-copy of a scenario is given. */
export function precopyInput(kernel: Kernel, scenario: Scenario): PrecopyInput {
  const { link, host, migration, qemu } = scenario;
  const ram = migration.keepsRam ? NO_RAM : scenario.ram;
  return { kernel, ram, link, host, migration, qemu };
}

/** Runs until the rule says stop, or until it will not within the timeout. */
export function* precopy(input: PrecopyInput, pending: Pending): Process<Precopy> {
  const { kernel, link, migration, qemu } = input;
  const rate = Math.min(link.bytesPerS, migration.maxBytesPerS);
  const flowState = new RamFlow(input, rate);
  const ramp = new RampState();
  if (migration.ramp !== null) {
    const now = (): TimeNs => kernel.nowNs;
    kernel.spawn('ramp', raiseLimit(migration.ramp, migration.downtimeLimitNs, flowState, ramp, now));
  }
  const result = (state: Precopy['state'], reason: string | null, others = 0): Precopy => {
    const mostNs = flowState.mostNs(Math.max(0, flowState.thresholdBytes - others), link.bytesPerS);
    ramp.ended = true;
    // The guest halts, and what it dirtied since is sent in the stop.
    flowState.sync();
    const ramStopNs = flowState.restNs(link.bytesPerS);
    return {
      state,
      reason,
      ramLeftBytes: flowState.leftBytes,
      ramStopNs,
      ramMostNs: Math.max(ramStopNs, mostNs),
      othersBytes: others,
      limitNs: flowState.limitNs,
    };
  };
  const little = (pendingBytes: number): boolean =>
    pendingBytes === 0 ||
    pendingBytes < flowState.thresholdBytes ||
    (qemu.equalSwitches && pendingBytes === flowState.thresholdBytes);
  /** Since when only others keep the guest running; -1: RAM itself is not ready. */
  let waitingSinceNs = -1;
  let heldBack = false;
  for (;;) {
    const waiting = waitingSinceNs >= 0;
    const ns = flowState.stepNs(waiting);
    yield ns;
    flowState.pass(ns);
    const threshold = flowState.thresholdBytes;
    if (flowState.leftBytes > threshold && flowState.leftBytes > 0) continue;
    // Up to 8.2 the dirty log is read whenever RAM alone is below the threshold, since 9.0 only when all is.
    const beside = qemu.idleSyncsPerS > 0 ? 0 : pending(threshold);
    if (flowState.leftBytes + beside < threshold) flowState.sync();
    if (!little(flowState.leftBytes)) {
      if (flowState.isStuck && !ramp.goesOn) return result('not-converged', heldBack ? STARVED : FAST_GUEST);
      waitingSinceNs = -1;
      continue;
    }
    const others = pending(threshold);
    if (little(flowState.leftBytes + others)) return result('ready', null, others);
    heldBack = true;
    if (!waiting) waitingSinceNs = kernel.nowNs;
    if (waiting) flowState.syncs += Math.round((qemu.idleSyncsPerS * ns) / 1e9);
    const sinceNs = Math.max(waitingSinceNs, ramp.raisedNs);
    if (!ramp.goesOn && kernel.nowNs - sinceNs >= migration.timeoutNs)
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
