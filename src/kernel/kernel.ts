/**
 * The simulated clock and what happens on it. Time is a whole number of nanoseconds: no rounding drift, and
 * equality means equality. A run owns its kernel; nothing here is global.
 *
 * Two ways to write a part: a *handler* is a plain function called at its time (data plane: guest writes, device
 * completions; no allocation if the function is kept), a *process* is a generator (control plane: see process.ts).
 */
import { assert } from '../base/assert.js';
import { InputError } from '../base/errors.js';
import { type Process, startProcess } from './process.js';
import { type EventHandle, type EventHandler, EventQueue } from './queue.js';
import type { Signal } from './signal.js';
import type { TimeNs } from './time.js';

export type { EventHandle, EventHandler } from './queue.js';
export type { TimeNs } from './time.js';

/** Both limits are needed: every loop has an end. */
export interface RunLimit {
  /** The run covers the half-open interval [now, untilNs): an event at exactly this time stays for the next run. */
  readonly untilNs: TimeNs;
  /** No more events than this in this run. */
  readonly eventsMax: number;
}

/** Why a run ended: nothing left to do, the time was up, the event limit was met, or a handler called `stop()`. */
export type RunEnd = 'idle' | 'until' | 'events-max' | 'stopped';

/** The last moment that the clock can tell, 104 days after its beginning. */
export const TIME_MAX_NS = Number.MAX_SAFE_INTEGER;

/** One simulated clock with its pending events. */
export class Kernel {
  private readonly queue = new EventQueue();
  private readonly running = new Map<Signal, string>();
  private timeNs: TimeNs = 0;
  private handled = 0;
  private isRunning = false;
  private stopAsked = false;

  /** The simulated time. */
  get nowNs(): TimeNs {
    return this.timeNs;
  }

  /** Events handled so far, over all runs. */
  get eventCount(): number {
    return this.handled;
  }

  /** Events still to come. */
  get pendingCount(): number {
    return this.queue.size;
  }

  /** Names of the processes that have not ended, oldest first: who waits, where a run went idle too early. */
  get processNames(): readonly string[] {
    return [...this.running.values()];
  }

  /** Calls `handler(arg)` after the delay: whole nanoseconds, not negative. Equal times: first in, first out. */
  schedule(delayNs: TimeNs, handler: EventHandler, arg = 0): EventHandle {
    const atNs = this.timeNs + delayNs;
    if (!(delayNs >= 0 && atNs <= TIME_MAX_NS && Math.floor(delayNs) === delayNs)) refuseDelay(delayNs);
    return this.queue.push(atNs, handler, arg);
  }

  /** Cancels a scheduled event; false if it has run or was cancelled already. */
  cancel(handle: EventHandle): boolean {
    return this.queue.cancel(handle);
  }

  /** Starts a process at the present time; the signal fires when its body returns. */
  spawn(name: string, body: Process<unknown>): Signal {
    const ended = startProcess((delayNs, handler) => this.schedule(delayNs, handler), name, body);
    this.running.set(ended, name);
    ended.onFire(() => this.running.delete(ended));
    return ended;
  }

  /** Ends the present run after the handler that calls this. */
  stop(): void {
    this.stopAsked = true;
  }

  /**
   * Handles events in order until one of the limits. After `until` the clock stands at `untilNs`; otherwise at the
   * last event handled. An exception in a handler or process ends the run and reaches the caller.
   */
  run(limit: RunLimit): RunEnd {
    const { untilNs, eventsMax } = limit;
    assert(!this.isRunning, 'run() inside run()');
    assert(untilNs >= this.timeNs, `run until ${untilNs} ns, which is before now (${this.timeNs} ns)`);
    assert(untilNs === Number.POSITIVE_INFINITY || Number.isSafeInteger(untilNs), `run until ${untilNs} ns`);
    assert(eventsMax >= 0, `eventsMax ${eventsMax}`);
    this.isRunning = true;
    this.stopAsked = false;
    try {
      return this.loop(untilNs, eventsMax);
    } finally {
      this.isRunning = false;
    }
  }

  private loop(untilNs: TimeNs, eventsMax: number): RunEnd {
    const queue = this.queue;
    for (let count = 0; ; count++) {
      const atNs = queue.nextTime();
      if (atNs >= untilNs) {
        if (atNs === Number.POSITIVE_INFINITY) return 'idle';
        this.timeNs = untilNs;
        return 'until';
      }
      if (count >= eventsMax) return 'events-max';
      const slot = queue.pop();
      this.timeNs = atNs;
      this.handled++;
      queue.handlers[slot]!(queue.args[slot]!);
      if (this.stopAsked) return 'stopped';
    }
  }
}

/** What was asked for takes longer than the clock can tell: nobody's mistake but that of an extreme input. */
export class ClockError extends InputError {}

function refuseDelay(delayNs: TimeNs): never {
  if (delayNs > 0 && (delayNs === Number.POSITIVE_INFINITY || Math.floor(delayNs) === delayNs))
    throw new ClockError(`delay ${delayNs} ns: it takes longer than the clock can tell (104 days)`);
  throw new Error(`delay ${delayNs} ns: a whole number of nanoseconds >= 0 is needed, up to 104 days in all`);
}
