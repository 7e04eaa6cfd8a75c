/**
 * The pre-copies of one situation at all speeds that a migration may have. What is left of RAM goes up and down with the speed,
 * sixty times and more, evenly in between: so speeds are looked at where they tell something, and jumps are found to one in 4096.
 *
 * Pre-copies know nothing of disks and storages, so scenarios that differ in those alone have them in common.
 */
import { normalQuantile } from '../../kernel/normal.js';
import type { MigrationSpec, Scenario } from '../scenario.js';
import { type PrecopySituation, precopyOf } from './precopy.js';
import { type EndedPrecopy, precopyAlone, type SteadyPending } from './precopy-alone.js';

/**
 * Speeds that stand for all, equally probable, each in the middle of its part: where RAM jumps in one of them, fewer are off by
 * more than a thousandth of the probability at p95.
 */
const SPEEDS = 4096;
/** Of so many speeds in a row one at least is looked at. */
const FARTHEST = 16;
/** RAM changes evenly if half way it is off by no more than this share of itself; what lies between is off by a quarter of that. */
const EVEN = 3e-4;

/** Speeds next to each other, the share of all that they are, and the pre-copies at their ends; in between all changes evenly. */
export interface Speeds {
  readonly share: number;
  readonly from: EndedPrecopy;
  readonly to: EndedPrecopy;
}

/** Null: at some speed it does not converge. */
type Precopies = readonly Speeds[] | null;

interface Known {
  readonly situation: PrecopySituation;
  readonly pending: SteadyPending;
  readonly all: Precopies;
}

const known = new WeakMap<MigrationSpec, Known[]>();

const isSame = (a: PrecopySituation, b: PrecopySituation): boolean =>
  a.ram === b.ram && a.link === b.link && a.host === b.host && a.qemu === b.qemu;

/** Beside so much that is always pending. */
export function precopiesOf(scenario: Scenario, pending: SteadyPending): Precopies {
  const situation = precopyOf(scenario, 1);
  const before = known.get(scenario.migration) ?? [];
  const found = before.find(
    (each) =>
      each.pending.bytes === pending.bytes &&
      each.pending.ofThreshold === pending.ofThreshold &&
      isSame(each.situation, situation),
  );
  if (found) return found.all;
  const all = atAllSpeeds(situation, pending);
  known.set(scenario.migration, [...before, { situation, pending, all }]);
  return all;
}

function atAllSpeeds(situation: PrecopySituation, pending: SteadyPending): Precopies {
  const { ramSpread } = situation.host;
  const ended = (speed: number): EndedPrecopy | null => {
    const one = precopyAlone({ ...situation, speed }, pending);
    return one?.outcome.state === 'ready' ? one : null;
  };
  if (ramSpread === 0) {
    const only = ended(1);
    return only && [{ share: 1, from: only, to: only }];
  }
  const at = (i: number): EndedPrecopy | null =>
    ended(Math.exp(ramSpread * normalQuantile((i + 0.5) / SPEEDS)));
  const all: Speeds[] = [];
  let from = at(0);
  if (from === null) return null;
  all.push({ share: 0.5 / SPEEDS, from, to: from });
  for (let i = 0; i < SPEEDS - 1; ) {
    const next = Math.min(SPEEDS - 1, i + FARTHEST);
    const to = at(next);
    if (to === null || !between(at, { at: i, ended: from }, { at: next, ended: to }, all)) return null;
    [i, from] = [next, to];
  }
  all.push({ share: 0.5 / SPEEDS, from, to: from });
  return all;
}

/** A speed by its number, and what came of it. */
interface End {
  readonly at: number;
  readonly ended: EndedPrecopy;
}

/** Adds what lies between two speeds. False: one of them does not converge. */
function between(at: (i: number) => EndedPrecopy | null, from: End, to: End, all: Speeds[]): boolean {
  const share = (to.at - from.at) / SPEEDS;
  if (to.at - from.at === 1) {
    // If it jumps, it does so half way.
    for (const { ended } of [from, to]) all.push({ share: share / 2, from: ended, to: ended });
    return true;
  }
  const middle = (from.at + to.at) >> 1;
  const ended = at(middle);
  if (ended === null) return false;
  const half = { at: middle, ended };
  if (!isEven(from, half, to)) return between(at, from, half, all) && between(at, half, to, all);
  all.push({ share: (middle - from.at) / SPEEDS, from: from.ended, to: ended });
  all.push({ share: (to.at - middle) / SPEEDS, from: ended, to: to.ended });
  return true;
}

function isEven(from: End, middle: End, to: End): boolean {
  const part = (middle.at - from.at) / (to.at - from.at);
  return (['ramStopNs', 'ramMostNs'] as const).every((which) => {
    const [first, half, last] = [from, middle, to].map(({ ended }) => ended.outcome[which]);
    return Math.abs(first! + part * (last! - first!) - half!) <= EVEN * half!;
  });
}
