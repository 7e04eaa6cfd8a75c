/**
 * auto-converge: QEMU holds the guest's processors back while it dirties RAM faster than half of what leaves (ram.c,
 * migration_trigger_throttle; throttle-trigger-threshold 50 %, throttle-initial 20 %, throttle-increment 10 %,
 * max-cpu-throttle 99 %). Looked at with the dirty log, over periods of a second and more.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { RamSpec } from '../scenario.js';

const PERIOD_NS = 1e9;
const TRIGGER_SHARE = 0.5;
/** So many periods before each step. */
const HIGH_PERIODS = 2;
const INITIAL_SHARE = 0.2;
const STEP_SHARE = 0.1;
const MOST_SHARE = 0.99;

/** RAM as the guest dirties it, held back or not. */
export class ThrottledRam {
  /** As it is dirtied now. */
  ram: RamSpec;
  private readonly whole: RamSpec;
  private readonly autoConverge: boolean;
  /** Of its time, how much the guest sleeps. */
  private share = 0;
  private periodNs = 0;
  private dirtiedBytes = 0;
  /** Sent in all, at the begin of the period. */
  private sentBytes = 0;
  private high = 0;
  private ns = 0;
  private sleptNs = 0;

  constructor(ram: RamSpec, autoConverge: boolean) {
    this.ram = ram;
    this.whole = ram;
    this.autoConverge = autoConverge;
  }

  /** The log was read after so long, in which so much became dirty; so much was sent in all. True: it is held back further. */
  note(ns: TimeNs, dirtiedBytes: number, sentBytes: number): boolean {
    if (!this.autoConverge) return false;
    this.ns += ns;
    this.sleptNs += ns * this.share;
    this.periodNs += ns;
    this.dirtiedBytes += dirtiedBytes;
    if (this.periodNs <= PERIOD_NS) return false;
    if (this.dirtiedBytes > TRIGGER_SHARE * (sentBytes - this.sentBytes)) this.high++;
    this.periodNs = 0;
    this.dirtiedBytes = 0;
    this.sentBytes = sentBytes;
    if (this.high < HIGH_PERIODS || this.share >= MOST_SHARE) return false;
    this.high = 0;
    this.share = Math.min(MOST_SHARE, this.share === 0 ? INITIAL_SHARE : this.share + STEP_SHARE);
    this.ram = { ...this.whole, dirtyBytesPerS: this.whole.dirtyBytesPerS * (1 - this.share) };
    return true;
  }

  /** How much longer the guest took for what it did, in the mean until now. */
  get slowdown(): number {
    return this.ns === 0 ? 1 : 1 / (1 - this.sleptNs / this.ns);
  }
}
