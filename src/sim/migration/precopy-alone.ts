/** The pre-copy where nothing happens beside it: no event queue is needed, or one that it has for itself. */
import { ClockError, Kernel, TIME_MAX_NS, type TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { type Pending, type Precopy, type PrecopySituation, precopy } from './precopy.js';

const EVENTS_MAX = 1e6;

/** How it ended, and how long it took. */
export interface EndedPrecopy {
  readonly outcome: Precopy;
  readonly ns: TimeNs;
}

/** What others report all the time: so many bytes, and a share of the threshold that they are compared with. */
export interface SteadyPending {
  readonly bytes: number;
  readonly ofThreshold: number;
}

/** So many bytes, whatever the threshold. */
export const steadily = (bytes: number): SteadyPending => ({ bytes, ofThreshold: 0 });

/** Null: it takes more events than any that ends. */
export function precopyAlone(
  situation: PrecopySituation,
  { bytes, ofThreshold }: SteadyPending,
): EndedPrecopy | null {
  const pending = (thresholdBytes: number): number => bytes + ofThreshold * thresholdBytes;
  return situation.migration.ramp === null ? stepped(situation, pending) : besideRamp(situation, pending);
}

function stepped(situation: PrecopySituation, pending: Pending): EndedPrecopy | null {
  const clock = { nowNs: 0, spawn: (name: string): never => unexpected(name) };
  const body = precopy({ kernel: clock, ...situation }, pending);
  for (let events = 0; events < EVENTS_MAX; events++) {
    const step = body.next();
    if (step.done) return { outcome: step.value, ns: clock.nowNs };
    if (typeof step.value !== 'number') unexpected('a signal');
    clock.nowNs += step.value;
    if (!(clock.nowNs <= TIME_MAX_NS))
      throw new ClockError('it takes longer than the clock can tell (104 days)');
  }
  return null;
}

function unexpected(what: string): never {
  throw new Error(`a pre-copy without a ramp waits for ${what}`);
}

function besideRamp(situation: PrecopySituation, pending: Pending): EndedPrecopy | null {
  const kernel = new Kernel();
  let ended: EndedPrecopy | null = null;
  const told = function* (): Process {
    const outcome = yield* precopy({ kernel, ...situation }, pending);
    ended = { outcome, ns: kernel.nowNs };
  };
  kernel.spawn('pre-copy', told());
  kernel.run({ untilNs: Number.MAX_SAFE_INTEGER, eventsMax: EVENTS_MAX });
  return ended;
}
