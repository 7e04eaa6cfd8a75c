/**
 * The pre-copies of one situation at all speeds that a migration may have. They know nothing of disks and storages, so scenarios
 * that differ in those alone have them in common.
 */
import { normalQuantile } from '../../kernel/normal.js';
import type { MigrationSpec, Scenario } from '../scenario.js';
import { type PrecopySituation, precopyOf } from './precopy.js';
import { type EndedPrecopy, precopyAlone, type SteadyPending } from './precopy-alone.js';

/**
 * Speeds that stand for all, equally probable: RAM left goes up and down with them, sixty times and more, so that fewer are off by
 * more than a thousandth of the probability at p95.
 */
const SPEEDS = 4096;

/** Null: at some speed it does not converge. */
type Precopies = readonly EndedPrecopy[] | null;

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
  const count = ramSpread === 0 ? 1 : SPEEDS;
  const all: EndedPrecopy[] = [];
  for (let i = 0; i < count; i++) {
    const speed = Math.exp(ramSpread * normalQuantile((i + 0.5) / count));
    const ended = precopyAlone({ ...situation, speed }, pending);
    if (ended === null || ended.outcome.state !== 'ready') return null;
    all.push(ended);
  }
  return all;
}
