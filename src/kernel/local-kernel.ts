/**
 * A clock that began later than the one it follows: a part of a larger simulation that knows only its own time. Its events
 * stand in the queue of the clock it follows, so parts that wait for one another meet at the same moment.
 */
import { Kernel, type RunEnd, type TimeNs } from './kernel.js';
import type { EventHandle, EventHandler } from './queue.js';

export class LocalKernel extends Kernel {
  private readonly followed: Kernel;
  /** When it began, by the clock that it follows. */
  private readonly originNs: TimeNs;

  /** Begins now. */
  constructor(followed: Kernel) {
    super();
    this.followed = followed;
    this.originNs = followed.nowNs;
  }

  override get nowNs(): TimeNs {
    return this.followed.nowNs - this.originNs;
  }

  override schedule(delayNs: TimeNs, handler: EventHandler, arg = 0): EventHandle {
    return this.followed.schedule(delayNs, handler, arg);
  }

  override cancel(handle: EventHandle): boolean {
    return this.followed.cancel(handle);
  }

  /** It has no events of its own: whoever owns the clock that it follows runs both. */
  override run(): RunEnd {
    throw new Error('run() of a kernel that follows another');
  }
}
