/**
 * A migration network that several machines send over at once. Everybody gets as much as he asks for, and where that is
 * more than the link takes all get the same, but nobody more than he asks for (max-min fairness, what flows of TCP with equal
 * round trips come to: D. Bertsekas and R. Gallager, Data Networks, 2nd ed., 6.5.2).
 */
import type { Kernel, TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { Signal } from '../../kernel/signal.js';

/** Somebody who sends. */
export interface Sender {
  /** As much as it would send if the link were its own. */
  bytesPerS: number;
}

/** Rates are in floating point; this much of a nanosecond is rounding. */
const ROUNDING_NS = 0.01;

/** One direction of the network. */
export class SharedLink {
  private readonly kernel: Kernel;
  private readonly bytesPerS: number;
  private readonly senders = new Set<Sender>();
  private level: number;
  private changes = new Signal();

  constructor(kernel: Kernel, bytesPerS: number) {
    this.kernel = kernel;
    this.bytesPerS = bytesPerS;
    this.level = bytesPerS;
  }

  /** What nobody gets more than, now. */
  get levelBytesPerS(): number {
    return this.level;
  }

  /** The sender asks for this much from now on; 0: it has nothing to send. */
  ask(sender: Sender, bytesPerS: number): void {
    if (sender.bytesPerS === bytesPerS && this.senders.has(sender)) return;
    sender.bytesPerS = bytesPerS;
    if (bytesPerS > 0) this.senders.add(sender);
    else this.senders.delete(sender);
    const level = fairLevel(
      [...this.senders].map((each) => each.bytesPerS),
      this.bytesPerS,
    );
    if (level === this.level) return;
    this.level = level;
    const { changes } = this;
    this.changes = new Signal();
    changes.fire();
  }

  /** Sends what takes `ns` at a rate of `atBytesPerS`, and could go at `mostBytesPerS` if nobody else were there. */
  *send(ns: TimeNs, atBytesPerS: number, mostBytesPerS: number): Process {
    const sender: Sender = { bytesPerS: 0 };
    this.ask(sender, mostBytesPerS);
    let leftNs = ns;
    while (leftNs > 0) {
      const rate = Math.min(mostBytesPerS, this.level);
      const speed = rate === atBytesPerS ? 1 : rate / atBytesPerS;
      const passedNs = yield* this.steady(Math.max(1, Math.ceil(leftNs / speed - ROUNDING_NS)));
      leftNs -= passedNs * speed + ROUNDING_NS;
    }
    this.ask(sender, 0);
  }

  /** Waits until the level changes, but no longer than this; returns how long that was. */
  *steady(mostNs: TimeNs): Process<TimeNs> {
    const fromNs = this.kernel.nowNs;
    const over = new Signal();
    const event = this.kernel.schedule(mostNs, () => over.fire());
    this.changes.onFire(() => over.fire());
    yield over;
    this.kernel.cancel(event);
    return this.kernel.nowNs - fromNs;
  }
}

/**
 * The rate that nobody gets more than, so that all together get what the link takes.
 * @internal
 */
export function fairLevel(asked: readonly number[], bytesPerS: number): number {
  if (bytesPerS === Number.POSITIVE_INFINITY) return bytesPerS;
  const rising = [...asked].sort((a, b) => a - b);
  let left = bytesPerS;
  for (const [i, each] of rising.entries()) {
    const equal = left / (rising.length - i);
    if (each > equal) return equal;
    left -= each;
  }
  return bytesPerS;
}
