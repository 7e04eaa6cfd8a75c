/**
 * Which outcome a fault has, by when it strikes: a time on the migration's own clock to a name of outcomes.ts, and
 * times drawn from rates. The same fault is harmless or fatal for a bitmap depending on a few milliseconds.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Rng } from '../../kernel/rng.js';

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
}

export const FAULTS = ['cancel', 'destination-dies', 'source-dies', 'source-quits', 'storage-fails'] as const;
export type Fault = (typeof FAULTS)[number];

type Part = 'running' | 'paused' | 'switchover' | 'handover' | 'travelling' | 'over';

const ORDER: readonly (readonly [Part, keyof MigrationTimeline])[] = [
  ['running', 'runningNs'],
  ['paused', 'pausedNs'],
  ['switchover', 'switchoverNs'],
  ['handover', 'handoverNs'],
  ['travelling', 'travellingNs'],
];

/** The part of the migration that `atNs` after its begin falls into; a boundary belongs to the later part. */
function partAt(timeline: MigrationTimeline, atNs: TimeNs): Part {
  let end = 0;
  for (const [part, key] of ORDER) {
    end += timeline[key];
    if (atNs < end) return part;
  }
  return 'over';
}

/** How the process that is left ends, later: a clean quit, or killed. */
export type LaterEnd = 'quit' | 'kill';

/**
 * Outcome of a fault in a part of the migration. A cancel while the source switches over comes too late (the
 * big lock is held), a source that dies after the hand-over is no longer needed, and storage that fails
 * while nobody writes to the image is not noticed by bitmaps: all three are successes.
 */
function outcomeOf(fault: Fault, part: Part, later: LaterEnd): string {
  const success = `ok-${later}`;
  const by: Readonly<Record<Fault, Partial<Record<Part, string>>>> = {
    cancel: { running: `cancel-${later}`, paused: 'cancel-preswitch', travelling: 'postcopy-cancel' },
    'destination-dies': {
      running: 'dst-dies-running',
      paused: 'dst-dies-preswitch',
      switchover: 'dst-dies-preswitch',
      handover: `dst-dies-unactivated-${later}`,
      travelling: 'postcopy-dst-dies',
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
    'storage-fails': { switchover: 'store-eio', handover: 'dst-activate-eio' },
  };
  return by[fault][part] ?? success;
}

/** The outcome of a fault at a given time. */
export function outcomeAt(
  fault: Fault,
  atNs: TimeNs,
  timeline: MigrationTimeline,
  later: LaterEnd = 'quit',
): string {
  return outcomeOf(fault, partAt(timeline, atNs), later);
}

/** Faults per second, each a Poisson process of its own; absent: never. */
export type FaultRates = Partial<Readonly<Record<Fault, number>>>;

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
  if (!first || partAt(timeline, first.atNs) === 'over')
    return { outcome: `ok-${later}`, fault: null, atNs: null };
  return { outcome: outcomeAt(first.fault, first.atNs, timeline, later), ...first };
}

/**
 * How likely each outcome is under these rates: competing exponential times, so that fault f comes first and in a
 * part from a to b with probability f/sum (e^(-sum a) - e^(-sum b)). Successes are left out.
 */
export function outcomeProbabilities(
  rates: FaultRates,
  timeline: MigrationTimeline,
  killShare: number,
): Map<string, number> {
  const sum = FAULTS.reduce((total, fault) => total + (rates[fault] ?? 0), 0) / 1e9;
  const result = new Map<string, number>();
  let from = 0;
  for (const [part, key] of ORDER) {
    const until = from + timeline[key];
    // expm1 keeps the digits where faults are rare.
    const inPart = Math.exp(-sum * from) * -Math.expm1(-sum * timeline[key]);
    from = until;
    for (const fault of FAULTS) {
      const share = sum === 0 ? 0 : (rates[fault] ?? 0) / 1e9 / sum;
      for (const [later, weight] of [
        ['quit', 1 - killShare],
        ['kill', killShare],
      ] as const) {
        const outcome = outcomeOf(fault, part, later);
        const probability = inPart * share * weight;
        if (probability > 0 && !outcome.startsWith('ok-'))
          result.set(outcome, (result.get(outcome) ?? 0) + probability);
      }
    }
  }
  if (killShare > 0) {
    const failed = [...result.values()].reduce((total, p) => total + p, 0);
    result.set('ok-kill', (1 - failed) * killShare);
  }
  return result;
}
