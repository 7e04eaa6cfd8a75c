/** Operations that a cloud volume admits: so many a second, and a burst of those it did not get while it had the right to. */
import type { TimeNs } from '../../kernel/kernel.js';

export class TokenBucket {
  private readonly burst: number;
  private perNs: number;
  /** Negative: operations admitted that are still to be waited for. */
  private tokens: number;
  private atNs: TimeNs = 0;

  /** Full at the begin; Infinity: no limit. */
  constructor(opsPerS: number, burst: number) {
    this.burst = burst;
    this.perNs = opsPerS / 1e9;
    this.tokens = burst;
  }

  /** How long `count` operations last, one after another from `fromNs`, that would take `busyNs` without a limit. */
  take(count: number, fromNs: TimeNs, busyNs: number): number {
    if (!Number.isFinite(this.perNs)) return busyNs;
    this.refill(fromNs);
    this.tokens -= count;
    return Math.max(busyNs, -this.tokens / this.perNs);
  }

  /** Operations that were taken and are not made after all. */
  giveBack(count: number): void {
    this.tokens += count;
  }

  /** From now on it fills at this rate: what others leave of it. */
  setRate(opsPerS: number, nowNs: TimeNs): void {
    if (Number.isFinite(this.perNs)) this.refill(nowNs);
    this.perNs = opsPerS / 1e9;
  }

  /** One in the same state, to see what would be without taking anything. */
  copy(): TokenBucket {
    const copy = new TokenBucket(this.perNs * 1e9, this.burst);
    copy.tokens = this.tokens;
    copy.atNs = this.atNs;
    return copy;
  }

  private refill(nowNs: TimeNs): void {
    if (nowNs <= this.atNs) return;
    this.tokens = Math.min(this.burst, this.tokens + (nowNs - this.atNs) * this.perNs);
    this.atNs = nowNs;
  }
}
