/** The pre-copy of the model by itself, as the lab's rows about RAM are predicted. */
import { Kernel } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { type Precopy, type PrecopyInput, precopy } from '../../sim/migration/precopy.js';

const EVENTS_MAX = 1e6;

/** One migration of RAM beside so many bits that count as pending bytes. */
export function precopyAlone(situation: Omit<PrecopyInput, 'kernel'>, bits: number): Precopy {
  const kernel = new Kernel();
  const outcomes: Precopy[] = [];
  function* body(): Process {
    outcomes.push(yield* precopy({ kernel, ...situation }, () => bits));
  }
  kernel.spawn('ram', body());
  kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: EVENTS_MAX });
  return outcomes[0]!;
}
