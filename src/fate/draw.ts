/**
 * Which outcome a fault has, by when it strikes: a time on the migration's own clock to a name of outcomes.ts, and
 * times drawn from rates. The same fault is harmless or fatal for a bitmap depending on a few milliseconds.
 */
import type { TimeNs } from '../kernel/kernel.js';
import type { Rng } from '../kernel/rng.js';
import { FAULTS, type Fault, type FaultRates } from '../sim/faults.js';

/** How long each part of a migration lasts, in order; 0 where a part is left out. */
export interface MigrationTimeline {
  /** Begin to stop: pre-copy. */
  readonly runningNs: TimeNs;
  /** pre-switchover: stopped, waiting for management. */
  readonly pausedNs: TimeNs;
  /** The source sends and stores. */
  readonly switchoverNs: TimeNs;
  /** The source has finished, the destination has not taken the image yet. */
  readonly handoverNs: TimeNs;
  /** Postcopy: the destination runs and bitmaps arrive. */
  readonly travellingNs: TimeNs;
  /** What-if loadAfterResume: the destination runs and reads its bitmaps from the image. */
  readonly mergingNs: TimeNs;
  /** False: it never comes to the stop, and is cancelled at its timeout, the end of the running part. */
  readonly converges: boolean;
}

type Part = 'running' | 'paused' | 'switchover' | 'handover' | 'travelling' | 'merging' | 'over' | 'given-up';

/** The parts in order, with how long each lasts. */
function partsOf(timeline: MigrationTimeline): (readonly [Part, TimeNs])[] {
  const running = ['running', timeline.runningNs] as const;
  if (!timeline.converges) return [running];
  return [
    running,
    ['paused', timeline.pausedNs],
    ['switchover', timeline.switchoverNs],
    ['handover', timeline.handoverNs],
    ['travelling', timeline.travellingNs],
    ['merging', timeline.mergingNs],
  ];
}

/** The part of the migration that `atNs` after its begin falls into; a boundary belongs to the later part. */
function partAt(timeline: MigrationTimeline, atNs: TimeNs): Part {
  let end = 0;
  for (const [part, lastsNs] of partsOf(timeline)) {
    end += lastsNs;
    if (atNs < end) return part;
  }
  return timeline.converges ? 'over' : 'given-up';
}

/** How the process that is left ends, later: a clean quit, or killed. */
export type LaterEnd = 'quit' | 'kill';

/** The outcome where no fault strikes, or none that matters. */
export function unharmed({ converges }: MigrationTimeline, later: LaterEnd = 'quit'): string {
  return converges ? `ok-${later}` : `cancel-${later}`;
}

/**
 * Outcome of a fault in a part of the migration; undefined where it changes nothing. A cancel while the source
 * switches over comes too late (the big lock is held), a source that dies after the hand-over is no longer needed,
 * and storage that fails while nobody writes to the image is not noticed by bitmaps. How the process that is left
 * ends later makes an outcome of its own where one was watched; elsewhere it is shut down.
 */
function outcomeOf(fault: Fault, part: Part, later: LaterEnd): string | undefined {
  const by: Readonly<Record<Fault, Partial<Record<Part, string>>>> = {
    cancel: { running: `cancel-${later}`, paused: 'cancel-preswitch', travelling: 'postcopy-cancel' },
    'destination-dies': {
      running: 'dst-dies-running',
      paused: 'dst-dies-preswitch',
      switchover: 'dst-dies-preswitch',
      handover: `dst-dies-unactivated-${later}`,
      travelling: 'postcopy-dst-dies',
      merging: 'merge-dst-dies',
      over: 'ok-kill',
    },
    // The directory is switched by one write at the end of a store: killed before it, nothing is stored.
    'source-dies': {
      running: 'src-dies-running',
      paused: 'src-dies-preswitch',
      switchover: 'src-dies-preswitch',
      travelling: 'postcopy-src-dies',
    },
    'source-quits': {
      running: 'src-quits-running',
      paused: 'src-quits-preswitch',
      travelling: 'postcopy-src-dies',
    },
    'storage-fails': { switchover: 'store-eio', handover: 'dst-activate-eio', merging: 'merge-eio' },
  };
  return by[fault][part];
}

/** The outcome of a fault at a given time. */
export function outcomeAt(
  fault: Fault,
  atNs: TimeNs,
  timeline: MigrationTimeline,
  later: LaterEnd = 'quit',
): string {
  return outcomeOf(fault, partAt(timeline, atNs), later) ?? unharmed(timeline, later);
}

export interface DrawnOutcome {
  readonly outcome: string;
  readonly fault: Fault | null;
  readonly atNs: TimeNs | null;
}

/**
 * The first fault of one migration and its outcome. `killShare`: how often the surviving process is killed later
 * rather than shut down. Draws are made for every kind of fault, so that a rate changes no other draw.
 */
export function drawOutcome(
  rng: Rng,
  rates: FaultRates,
  timeline: MigrationTimeline,
  killShare: number,
): DrawnOutcome {
  const later: LaterEnd = rng.uniform() < killShare ? 'kill' : 'quit';
  let first: { fault: Fault; atNs: number } | undefined;
  for (const fault of FAULTS) {
    const unit = -Math.log(rng.uniformPositive());
    const perSecond = rates[fault] ?? 0;
    const atNs = perSecond > 0 ? (unit / perSecond) * 1e9 : Number.POSITIVE_INFINITY;
    if (!first || atNs < first.atNs) first = { fault, atNs };
  }
  if (!first || ['over', 'given-up'].includes(partAt(timeline, first.atNs)))
    return { outcome: unharmed(timeline, later), fault: null, atNs: null };
  return { outcome: outcomeAt(first.fault, first.atNs, timeline, later), ...first };
}

/**
 * How likely each outcome is under these rates: competing exponential times, so that fault f comes first and in a
 * part from a to b with probability f/sum (e^(-sum a) - e^(-sum b)). `ok-quit` is left out: it is the rest.
 */
export function outcomeProbabilities(
  rates: FaultRates,
  timeline: MigrationTimeline,
  killShare: number,
): Map<string, number> {
  const sum = FAULTS.reduce((total, fault) => total + (rates[fault] ?? 0), 0) / 1e9;
  const ends = [
    ['quit', 1 - killShare],
    ['kill', killShare],
  ] as const;
  const harmed = new Map<string, number>();
  const add = (to: Map<string, number>, outcome: string, probability: number): void => {
    if (probability > 0) to.set(outcome, (to.get(outcome) ?? 0) + probability);
  };
  let from = 0;
  for (const [part, lastsNs] of partsOf(timeline)) {
    // expm1 keeps the digits where faults are rare.
    const inPart = Math.exp(-sum * from) * -Math.expm1(-sum * lastsNs);
    from += lastsNs;
    for (const fault of FAULTS) {
      const share = sum === 0 ? 0 : (rates[fault] ?? 0) / 1e9 / sum;
      for (const [later, weight] of ends) {
        const outcome = outcomeOf(fault, part, later);
        if (outcome) add(harmed, outcome, inPart * share * weight);
      }
    }
  }
  const rest = 1 - [...harmed.values()].reduce((total, p) => total + p, 0);
  const result = new Map(harmed);
  for (const [later, weight] of ends) add(result, unharmed(timeline, later), rest * weight);
  result.delete('ok-quit');
  return result;
}
