/**
 * RAM pre-copy: QEMU's rule for when to stop the guest (migration.c migration_update_counters and
 * migration_iteration_run, ram.c ram_save_pending, 7.2):
 *
 *   every 100 ms      bandwidth  = bytes sent in the window / its length
 *                     threshold  = bandwidth x downtime-limit
 *   each iteration    switch over as soon as  RAM left + what others report as pending  is 0, or below the threshold
 *                     (since 10.1: or equal to it)
 *   after it          a window that has had max-bandwidth's bytes is slept through to its end
 *
 * RAM left is known from the last synchronisation of the dirty log; it is synchronised again when it falls below
 * the threshold, and a last time in the stop. The rule knows nothing of bitmaps that are stored at the stop, which is
 * the gap stopgap measures.
 */
import { formatSize } from '../../base/units.js';
import { standardNormal } from '../../kernel/distributions.js';
import type { TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import type { Rng } from '../../kernel/rng.js';
import type { SharedLink } from '../machine/shared-link.js';
import type { HostSpec, MigrationSpec, RamSpec, Scenario } from '../scenario.js';
import { ShareOfLink } from './link-share.js';
import { linkBesideMirrors } from './mirrors.js';
import { RamFlow, type RamSituation } from './ram-flow.js';
import { RampState, raiseLimit } from './ramp.js';

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
  /** Post-copy of RAM: how long the rest takes after the resume; null: all of it is sent before. */
  readonly followsNs: TimeNs | null;
  /** auto-converge: how much longer the guest took for what it did meanwhile. */
  readonly slowdown: number;
  /** downtime-limit at that moment. */
  readonly limitNs: TimeNs;
  /** What of the link that RAM gets at that moment, and would get without other senders. */
  readonly linkBytesPerS: { readonly now: number; readonly most: number };
}

/** What somebody else reports as pending, in the bytes that are compared with the threshold. */
export type Pending = (thresholdBytes: number) => number;

/** The part of a kernel that the pre-copy needs: the second only under a ramp. */
export interface Clock {
  readonly nowNs: TimeNs;
  spawn(name: string, body: Process): unknown;
}

export interface PrecopyInput extends RamSituation {
  readonly kernel: Clock;
  /** Where others send over the link too. */
  readonly sharedLink?: SharedLink | undefined;
}

/** What is left of it to send where it stays in place. */
const NO_RAM: RamSpec = { sizeBytes: 0, usedBytes: 0, workingSetBytes: 0, dirtyBytesPerS: 0 };

/** A pre-copy, wherever its clock is. */
export type PrecopySituation = Omit<PrecopyInput, 'kernel' | 'sharedLink'>;

/** The pre-copy of a scenario. */
export function precopyOf(scenario: Scenario, speed: number): PrecopySituation {
  const { host, migration, qemu } = scenario;
  const ram = migration.keepsRam ? NO_RAM : scenario.ram;
  return { ram, link: linkBesideMirrors(scenario), host, migration, qemu, speed };
}

/** Bandwidths are not the same in every migration, and with them the moment in a window at which little is left. */
export function ramSpeed({ ramSpread }: HostSpec, stream: () => Rng): number {
  return ramSpread === 0 ? 1 : Math.exp(ramSpread * standardNormal(stream()));
}

/** Runs until the rule says stop, or until it will not within the timeout. */
export function* precopy(input: PrecopyInput, pending: Pending): Process<Precopy> {
  const { kernel, migration, qemu } = input;
  const flow = new RamFlow(input);
  const share = input.sharedLink && new ShareOfLink(input.sharedLink, flow);
  const ramp = new RampState();
  if (migration.ramp !== null) {
    const now = (): TimeNs => kernel.nowNs;
    kernel.spawn('ramp', raiseLimit(migration.ramp, migration.downtimeLimitNs, flow, ramp, now));
  }
  const beganNs = kernel.nowNs;
  const result = (state: Precopy['state'], reason: string | null, others = 0, follows = false): Precopy => {
    const mostNs = flow.mostNs(Math.max(0, flow.thresholdBytes - others));
    ramp.ended = true;
    share?.leave();
    return { state, reason, othersBytes: others, ...rest(flow, mostNs, follows) };
  };
  const little = (pendingBytes: number): boolean =>
    pendingBytes === 0 ||
    pendingBytes < flow.thresholdBytes ||
    (qemu.equalSwitches && pendingBytes === flow.thresholdBytes);
  /** RAM was below the threshold once: all of it has been sent. */
  let passed = false;
  const turnsToPostcopy = (): boolean => isPostcopyDue(migration, passed, kernel.nowNs - beganNs);
  /** Since when only others keep the guest running; -1: RAM itself is not ready. */
  let waitingSinceNs = -1;
  let heldBack = false;
  for (;;) {
    const waiting = waitingSinceNs >= 0;
    share?.take(waiting);
    const alike = waiting ? 0 : flow.alikeWindows;
    if (alike > 0) yield* passAlike(flow, alike, share);
    // One iteration of RAM: told here, since a process of its own would take longer than all it does.
    const iterationNs = flow.iterationNs();
    yield iterationNs;
    flow.pass(iterationNs);
    if (flow.isLimited) {
      const restNs = flow.sleepNs;
      yield restNs;
      flow.sleep(restNs);
    }
    const threshold = flow.thresholdBytes;
    if (flow.leftBytes > threshold && flow.leftBytes > 0) {
      if (turnsToPostcopy()) return result('ready', null, 0, true);
      continue;
    }
    passed = true;
    // Up to 8.2 the dirty log is read whenever RAM alone is below the threshold, since 9.0 only when all is.
    const beside = qemu.waitReadsLog ? 0 : pending(threshold);
    if (flow.leftBytes + beside < threshold) flow.sync();
    if (!little(flow.leftBytes)) {
      if (turnsToPostcopy()) return result('ready', null, 0, true);
      if (flow.isStuck && !ramp.goesOn) return result('not-converged', heldBack ? STARVED : FAST_GUEST);
      waitingSinceNs = -1;
      continue;
    }
    const others = pending(threshold);
    if (little(flow.leftBytes + others)) return result('ready', null, others);
    // What follows after the resume does not count: not RAM, nor bitmaps that go with it.
    if (turnsToPostcopy()) return result('ready', null, 0, true);
    heldBack = true;
    if (!waiting) waitingSinceNs = kernel.nowNs;
    const sinceNs = Math.max(waitingSinceNs, ramp.raisedNs);
    if (!ramp.goesOn && kernel.nowNs - sinceNs >= migration.timeoutNs)
      return result('not-converged', notConverged(others, threshold, migration));
  }
}

/** The guest halts, and what it dirtied since is sent in the stop, or in post-copy after it. */
function rest(
  flow: RamFlow,
  mostNs: TimeNs,
  follows: boolean,
): Omit<Precopy, 'state' | 'reason' | 'othersBytes'> {
  flow.sync();
  const restNs = flow.restNs();
  return {
    ramLeftBytes: flow.leftBytes,
    ramStopNs: follows ? 0 : restNs,
    ramMostNs: follows ? 0 : Math.max(restNs, mostNs),
    followsNs: follows ? restNs : null,
    slowdown: flow.held.slowdown,
    limitNs: flow.limitNs,
    linkBytesPerS: flow.linkBytesPerS,
  };
}

/** Management asks for it at a time, or once RAM has been sent. */
function isPostcopyDue(migration: MigrationSpec, passed: boolean, sinceNs: TimeNs): boolean {
  const { postcopyRam, postcopyAfterNs } = migration;
  return postcopyRam === true && (postcopyAfterNs === undefined ? passed : sinceNs >= postcopyAfterNs);
}

/** So many windows that are all alike. */
function* passAlike(flow: RamFlow, windows: number, share: ShareOfLink | undefined): Process {
  if (share) yield* share.passWindows(windows);
  else {
    yield windows * flow.wholeWindowNs;
    flow.passWindows(windows);
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
  return (
    `pending stays at ${formatSize(pendingBytes)} against a threshold of ${formatSize(thresholdBytes)} ` +
    `for ${seconds} s after RAM was ready`
  );
}
