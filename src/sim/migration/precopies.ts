/**
 * The pre-copies of one situation at all speeds that a migration may have. They know nothing of disks and storages, so scenarios
 * that differ in those alone have them in common.
 */
import { type Stretch, stretchesOf } from '../../kernel/mixture.js';
import { normalQuantile } from '../../kernel/normal.js';
import type { MigrationSpec, Scenario } from '../scenario.js';
import { type Precopy, type PrecopySituation, precopyOf } from './precopy.js';
import { type EndedPrecopy, precopyAlone, type SteadyPending } from './precopy-alone.js';

/**
 * Speeds that stand for all, equally probable: RAM left goes up and down with them, sixty times and more. By itself so many are off
 * by up to 0.005 of the probability (32,768: 0.001); requests beside it smooth that, and fewer would show.
 */
const SPEEDS = 4096;

/** What a pre-copy leaves to the stop, by speed. */
const TIMES = ['ramStopNs', 'ramMostNs'] as const;
const MEANS = [...TIMES, 'ramLeftBytes', 'othersBytes', 'limitNs'] as const;

/** All of one situation. */
export class Precopies {
  /** Means of all. */
  readonly mean: EndedPrecopy;
  private readonly sorted: Readonly<Record<(typeof TIMES)[number], Float64Array>>;

  constructor(mean: EndedPrecopy, times: Precopies['sorted']) {
    this.mean = mean;
    for (const which of TIMES) times[which].sort();
    this.sorted = times;
  }

  /** How long RAM takes in the stop, as it is left or at most; no longer than so long. */
  stretches(which: (typeof TIMES)[number], atMostNs: number): Stretch[] {
    return stretchesOf(this.sorted[which].map((ns) => Math.min(atMostNs, ns)));
  }
}

interface Known {
  readonly situation: PrecopySituation;
  readonly pending: SteadyPending;
  readonly all: Precopies | null;
}

/** Situations that are kept: strategies that report something are asked about in turns. */
const KEPT = 4;

const known = new WeakMap<MigrationSpec, Known[]>();

const isSame = (a: PrecopySituation, b: PrecopySituation): boolean =>
  a.ram === b.ram && a.link === b.link && a.host === b.host && a.qemu === b.qemu;

/** Beside so much that is always pending. Null: at some speed it does not converge. */
export function precopiesOf(scenario: Scenario, pending: SteadyPending): Precopies | null {
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
  known.set(scenario.migration, [{ situation, pending, all }, ...before].slice(0, KEPT));
  return all;
}

function atAllSpeeds(situation: PrecopySituation, pending: SteadyPending): Precopies | null {
  const { ramSpread } = situation.host;
  const count = ramSpread === 0 ? 1 : SPEEDS;
  const times = { ramStopNs: new Float64Array(count), ramMostNs: new Float64Array(count) };
  const sums: Partial<Record<keyof Precopy, number>> = {};
  let [ns, last]: [number, Precopy | undefined] = [0, undefined];
  for (let i = 0; i < count; i++) {
    const speed = Math.exp(ramSpread * normalQuantile((i + 0.5) / count));
    const ended = precopyAlone({ ...situation, speed }, pending);
    if (ended?.outcome.state !== 'ready') return null;
    last = ended.outcome;
    ns += ended.ns;
    for (const name of MEANS) sums[name] = (sums[name] ?? 0) + last[name];
    for (const which of TIMES) times[which][i] = last[which];
  }
  const means = Object.fromEntries(MEANS.map((name) => [name, sums[name]! / count]));
  return new Precopies({ outcome: { ...last!, ...means }, ns: ns / count }, times);
}
