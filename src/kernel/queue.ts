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

const noHandler: EventHandler = () => assert(false, 'a dead event was run');

/** Stable priority queue of events with cheap cancel. Times are any finite numbers; the kernel gives integers. */
export class EventQueue {
  /** Of each slot: what `pop` returned stays readable until the next `push`. */
  readonly handlers: EventHandler[] = [];
  args = new Float64Array(0);
  private times = new Float64Array(0);
  private orders = new Float64Array(0);
  private slots = new Int32Array(0);
  private epochs = new Uint32Array(0);
  private dead = new Uint8Array(0);
  private free = new Int32Array(0);
  private freeCount = 0;
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
    let slot: number;
    if (this.freeCount > 0) slot = this.free[--this.freeCount]!;
    else slot = this.newSlot();
    this.handlers[slot] = handler;
    this.args[slot] = arg;
    this.siftUp(this.entryCount++, time, this.pushCount++, slot);
    return this.epochs[slot]! * SLOTS_MAX + slot;
  }

  /** Time of the earliest event; Infinity where there is none. */
  nextTime(): number {
    while (this.entryCount > 0) {
      if (this.deadCount === 0 || this.dead[this.slots[0]!] === 0) return this.times[0]!;
      this.pop();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Removes the head and returns its slot. Call only right after a finite `nextTime()`. */
  pop(): number {
    const slot = this.slots[0]!;
    const last = --this.entryCount;
    if (last > 0) this.siftDown(0, this.times[last]!, this.orders[last]!, this.slots[last]!);
    this.release(slot);
    return slot;
  }

  /** Takes an event back; false where it has run or was cancelled already. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % SLOTS_MAX;
    const epoch = Math.floor(handle / SLOTS_MAX);
    if (slot >= this.slotCount || this.epochs[slot] !== epoch || this.dead[slot] === 1) return false;
    this.dead[slot] = 1;
    this.handlers[slot] = noHandler;
    this.deadCount++;
    if (this.deadCount > DEAD_MIN && this.deadCount * 2 > this.entryCount) this.dropDead();
    return true;
  }

  private siftUp(from: number, time: number, order: number, slot: number): void {
    const { times, orders, slots } = this;
    let at = from;
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
    orders[at] = order;
    slots[at] = slot;
  }

  private siftDown(from: number, time: number, order: number, slot: number): void {
    const { times, orders, slots, entryCount } = this;
    let at = from;
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

  private release(slot: number): void {
    if (this.dead[slot] === 1) {
      this.dead[slot] = 0;
      this.deadCount--;
    }
    const epoch = this.epochs[slot]! + 1;
    this.epochs[slot] = epoch;
    if (epoch < EPOCH_MAX) this.free[this.freeCount++] = slot;
  }

  /** Removes every cancelled entry and builds the heap anew, in linear time; the order is total, so nothing shifts. */
  private dropDead(): void {
    const { times, orders, slots } = this;
    let kept = 0;
    for (let at = 0; at < this.entryCount; at++) {
      const slot = slots[at]!;
      if (this.dead[slot] === 1) {
        this.release(slot);
        continue;
      }
      times[kept] = times[at]!;
      orders[kept] = orders[at]!;
      slots[kept++] = slot;
    }
    this.entryCount = kept;
    for (let at = (kept - 2) >> 2; at >= 0; at--) this.siftDown(at, times[at]!, orders[at]!, slots[at]!);
  }

  private newSlot(): number {
    if (this.slotCount === this.epochs.length) this.grow(this.slotCount * 2);
    assert(this.slotCount < SLOTS_MAX, `more than ${SLOTS_MAX} events pending`);
    return this.slotCount++;
  }

  private grow(capacity: number): void {
    assert(Number.isInteger(capacity) && capacity > this.slotCount, `queue capacity ${capacity}`);
    const resized = <T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.args = resized(new Float64Array(capacity), this.args);
    this.times = resized(new Float64Array(capacity), this.times);
    this.orders = resized(new Float64Array(capacity), this.orders);
    this.slots = resized(new Int32Array(capacity), this.slots);
    this.epochs = resized(new Uint32Array(capacity), this.epochs);
    this.dead = resized(new Uint8Array(capacity), this.dead);
    this.free = resized(new Int32Array(capacity), this.free);
  }
}
