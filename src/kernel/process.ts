/**
 * Processes: the control plane reads like prose, as generators on top of the event queue.
 *
 *   function* flusher(): Process {
 *     yield 1_000_000;               // 1 ms passes
 *     yield stopAsked;               // until the signal fires
 *     yield* walks.run(machine);     // a part of the story told elsewhere
 *   }
 *
 * No promises: microtasks would be a second, invisible clock.
 */
import { Signal } from './signal.js';
import type { TimeNs } from './time.js';

/** Yields a delay in whole nanoseconds, or a Signal to wait for; returns T to whoever called it by `yield*`. */
export type Process<T = void> = Generator<TimeNs | Signal, T, unknown>;

/** Calls the handler after the delay (Kernel.schedule). */
type Schedule = (delayNs: TimeNs, handler: () => void) => unknown;

/**
 * Starts the body at the present time, after the events already due. The signal fires when the body returns.
 * Each yield is at least one event, even for a signal that has fired, so that the event limit of a run ends
 * any loop. An exception leaves through `Kernel.run`.
 */
export function startProcess<T>(schedule: Schedule, name: string, body: Process<T>): Signal {
  const ended = new Signal();
  const resume = (): void => {
    const step = body.next();
    if (step.done === true) ended.fire();
    else if (typeof step.value === 'number') schedule(step.value, resume);
    else if (step.value instanceof Signal) step.value.onFire(wake);
    else throw new Error(`process '${name}' yielded ${String(step.value)}, not a delay in ns or a Signal`);
  };
  const wake = (): void => {
    schedule(0, resume);
  };
  wake();
  return ended;
}
