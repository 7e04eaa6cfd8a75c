/**
 * The pending events, earliest first; equal times first in, first out.
 *
 * A 4-ary heap on flat typed arrays, ordered by (time, sequence): the running number makes the order total, so
 * two runs of one seed cannot differ. Four children sit next to each other in memory, and the tree is half as
 * deep as a binary one. What an event does stays in a *slot* that does not move while the heap is sifted.
 *
 *   times   [ t0 | t1 t2 t3 t4 | t5 … ]      children of i: 4i+1 … 4i+4
 *   orders  [ n0 | n1 n2 n3 n4 | n5 … ]      running number of the push
 *   slots   [ s0 | s1 s2 s3 s4 | s5 … ]  →   handlers[s], args[s], epochs[s]
 *
 * Cancelling only marks the slot: the heap drops a dead entry when it comes to the top, or all of them at once
 * when they are the greater part.
 */
import { assert } from '../base/assert.js';

/** What an event does; the argument is the number given when it was scheduled. */
export type EventHandler = (arg: number) => void;

/** Names one scheduled event for `cancel`: slot and epoch in one number; never valid again once the event is over. */
export type EventHandle = number;

const SLOTS_MAX = 2 ** 24;
/** A slot whose epoch would come back to an earlier value is retired instead (after 536 million events). */
const EPOCH_MAX = 2 ** 29;
const DEAD_MIN = 64;

/** Marks a cancelled entry, and fails loudly if one were ever run. */
const dead: EventHandler = () => assert(false, 'a cancelled event was run');

/** Stable priority queue of events with cheap cancel. Times are any finite numbers; the kernel gives integers. */
export class EventQueue {
  /** Of each slot: what `pop` returned stays readable until the next `push`. */
  readonly handlers: EventHandler[] = [];
  args = new Float64Array(0);
  private epochs = new Uint32Array(0);
  private times = new Float64Array(0);
  private orders = new Float64Array(0);
  /** The heap's slots at [0, entryCount), the free ones behind them: always a permutation. */
  private slots = new Int32Array(0);
  private slotCount = 0;
  private entryCount = 0;
  private deadCount = 0;
  private pushCount = 0;

  constructor(capacity = 64) {
    this.grow(capacity);
  }

  /** Events still to come (cancelled ones not counted). */
  get size(): number {
    return this.entryCount - this.deadCount;
  }

  /** Adds an event. */
  push(time: number, handler: EventHandler, arg: number): EventHandle {
    let at = this.entryCount;
    if (at === this.slots.length) this.grow(at * 2);
    this.entryCount = at + 1;
    const { times, orders, slots } = this;
    const slot = slots[at]!;
    this.handlers[slot] = handler;
    this.args[slot] = arg;
    // A new entry has the greatest running number, so it passes only strictly later parents.
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentTime = times[parent]!;
      if (time >= parentTime) break;
      times[at] = parentTime;
      orders[at] = orders[parent]!;
      slots[at] = slots[parent]!;
      at = parent;
    }
    times[at] = time;
    orders[at] = this.pushCount++;
    slots[at] = slot;
    return this.epochs[slot]! * SLOTS_MAX + slot;
  }

  /** Time of the earliest event; Infinity where there is none. */
  nextTime(): number {
    if (this.deadCount > 0) this.dropDeadHeads();
    return this.entryCount > 0 ? this.times[0]! : Number.POSITIVE_INFINITY;
  }

  /** Removes the head and returns its slot. Call only right after a finite `nextTime()`. */
  pop(): number {
    const slot = this.slots[0]!;
    const last = --this.entryCount;
    if (last > 0) this.siftDown(0, last);
    this.release(slot, last);
    return slot;
  }

  /** Cancels an event; false if it has run or was cancelled already. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % SLOTS_MAX;
    const epoch = Math.floor(handle / SLOTS_MAX);
    if (this.epochs[slot] !== epoch || this.handlers[slot] === dead) return false;
    this.handlers[slot] = dead;
    this.deadCount++;
    if (this.deadCount > DEAD_MIN && this.deadCount * 2 > this.entryCount) this.dropDead();
    return true;
  }

  /** Puts the entry at `from` into the subtree below `at`, whose own entry is overwritten. */
  private siftDown(hole: number, from: number): void {
    const { times, orders, slots, entryCount } = this;
    const time = times[from]!;
    const order = orders[from]!;
    const slot = slots[from]!;
    let at = hole;
    for (;;) {
      const first = at * 4 + 1;
      if (first >= entryCount) break;
      const end = Math.min(first + 4, entryCount);
      let least = first;
      let leastTime = times[first]!;
      for (let child = first + 1; child < end; child++) {
        const childTime = times[child]!;
        if (childTime < leastTime || (childTime === leastTime && orders[child]! < orders[least]!)) {
          least = child;
          leastTime = childTime;
        }
      }
      if (time < leastTime || (time === leastTime && order < orders[least]!)) break;
      times[at] = leastTime;
      orders[at] = orders[least]!;
      slots[at] = slots[least]!;
      at = least;
    }
    times[at] = time;
    orders[at] = order;
    slots[at] = slot;
  }

  /** Gives a slot back at place `at`, the first behind the heap, and ends the life of its handle. */
  private release(slot: number, at: number): void {
    const epoch = this.epochs[slot]! + 1;
    this.epochs[slot] = epoch;
    this.slots[at] = epoch < EPOCH_MAX ? slot : this.newSlot();
  }

  private dropDeadHeads(): void {
    while (this.entryCount > 0 && this.handlers[this.slots[0]!] === dead) {
      this.deadCount--;
      this.pop();
    }
  }

  /** Removes every cancelled entry and builds the heap anew, in linear time; the order is total, so nothing shifts. */
  private dropDead(): void {
    const { times, orders, slots, entryCount } = this;
    const freed: number[] = [];
    let kept = 0;
    for (let at = 0; at < entryCount; at++) {
      const slot = slots[at]!;
      if (this.handlers[slot] === dead) freed.push(slot);
      else {
        times[kept] = times[at]!;
        orders[kept] = orders[at]!;
        slots[kept++] = slot;
      }
    }
    this.entryCount = kept;
    this.deadCount = 0;
    for (const [i, slot] of freed.entries()) this.release(slot, kept + i);
    for (let at = (kept - 2) >> 2; at >= 0; at--) this.siftDown(at, at);
  }

  private newSlot(): number {
    assert(this.slotCount < SLOTS_MAX, `more than ${SLOTS_MAX} events pending`);
    if (this.slotCount === this.epochs.length) {
      this.args = widened(this.args, new Float64Array(this.slotCount * 2));
      this.epochs = widened(this.epochs, new Uint32Array(this.slotCount * 2));
    }
    this.handlers.push(dead);
    return this.slotCount++;
  }

  private grow(capacity: number): void {
    const had = this.slots.length;
    assert(Number.isInteger(capacity) && capacity > had, `queue capacity ${capacity}`);
    this.times = widened(this.times, new Float64Array(capacity));
    this.orders = widened(this.orders, new Float64Array(capacity));
    this.slots = widened(this.slots, new Int32Array(capacity));
    if (this.epochs.length === 0) {
      this.args = new Float64Array(capacity);
      this.epochs = new Uint32Array(capacity);
    }
    for (let at = had; at < capacity; at++) this.slots[at] = this.newSlot();
  }
}

function widened<T extends Float64Array | Int32Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
