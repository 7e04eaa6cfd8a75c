/**
 * A device is not equally fast at all times: it has a level that lasts as long as a migration, and slow spells between
 * fast ones (a process of two states, each held for an exponential time). Every request lasts as long as it was drawn
 * to, times what holds at that moment.
 *
 * Both leave the mean alone: the level is 1 in the mean, and over a long time as much work gets done as without spells,
 * since a mean that was measured one request at a time has the spells in it.
 */
import { exponential, standardNormal } from '../../kernel/distributions.js';
import type { TimeNs } from '../../kernel/kernel.js';
import { type Draws, namedStream, type Rng } from '../../kernel/rng.js';
import type { StorageSpec } from '../scenario.js';

type SpellsSpec = Pick<StorageSpec, 'levelSpread' | 'slowFactor' | 'slowMeanNs' | 'fastMeanNs'>;

/** A device that is always as fast as in the mean. */
export const NO_SPELLS: SpellsSpec = { levelSpread: 0, slowFactor: 1, slowMeanNs: 0, fastMeanNs: 0 };

/** Whether the device is ever faster or slower than in the mean. */
export function hasSpells(spec: SpellsSpec): boolean {
  return spec.levelSpread > 0 || alternates(spec);
}

const alternates = ({ slowFactor, slowMeanNs, fastMeanNs }: SpellsSpec): boolean =>
  slowFactor > 1 && slowMeanNs > 0 && fastMeanNs > 0;

/** How fast a device is when. */
export type Pace = Pick<Spells, 'elapsedNs'>;

/** The same for somebody whose clock began at this moment of the device's. */
export function paceFrom(pace: Pace, originNs: TimeNs): Pace {
  return { elapsedNs: (fromNs, workNs) => pace.elapsedNs(fromNs + originNs, workNs) };
}

/** One device in one run. Whoever asks for the same moments meets the same spells. */
export class Spells {
  private readonly spec: SpellsSpec;
  private readonly rng: Rng;
  /** How much longer requests last than in the mean, in a fast spell and in a slow one. */
  private readonly stretch: readonly [fast: number, slow: number];
  /** 1: the first spell is slow; after it they take turns. */
  private readonly first: 0 | 1;
  /** When each of the spells so far ends. */
  private readonly endsNs: number[] = [];

  constructor(spec: SpellsSpec, rng: Rng) {
    this.spec = spec;
    this.rng = rng;
    const { levelSpread, slowFactor, slowMeanNs, fastMeanNs } = spec;
    const level = levelSpread > 0 ? Math.exp(levelSpread * standardNormal(rng) - levelSpread ** 2 / 2) : 1;
    const slowShare = alternates(spec) ? slowMeanNs / (slowMeanNs + fastMeanNs) : 0;
    const fast = level * (1 - slowShare + slowShare / slowFactor);
    this.stretch = [fast, fast * slowFactor];
    this.first = slowShare > 0 && rng.uniform() < slowShare ? 1 : 0;
  }

  /** How long work lasts, begun at `fromNs`, that would take `workNs` at the mean speed. */
  elapsedNs(fromNs: TimeNs, workNs: number): number {
    if (!alternates(this.spec)) return workNs * this.stretch[0];
    let [elapsedNs, leftNs] = [0, workNs];
    for (let spell = this.spellAt(fromNs); ; spell++) {
      const stretch = this.stretchOf(spell);
      const restNs = this.endOf(spell) - (fromNs + elapsedNs);
      if (restNs >= leftNs * stretch) return elapsedNs + leftNs * stretch;
      leftNs -= restNs / stretch;
      elapsedNs += restNs;
    }
  }

  private stretchOf(spell: number): number {
    return this.stretch[(this.first + spell) % 2 === 1 ? 1 : 0];
  }

  /** The spell that holds at a moment: the first that ends after it. */
  private spellAt(atNs: TimeNs): number {
    let spell = Math.max(0, this.endsNs.length - 1);
    while (this.endOf(spell) <= atNs) spell++;
    while (spell > 0 && this.endOf(spell - 1) > atNs) spell--;
    return spell;
  }

  private endOf(spell: number): number {
    const { slowMeanNs, fastMeanNs } = this.spec;
    while (this.endsNs.length <= spell) {
      const next = this.endsNs.length;
      const meanNs = (this.first + next) % 2 === 1 ? slowMeanNs : fastMeanNs;
      this.endsNs.push((this.endsNs[next - 1] ?? 0) + exponential(this.rng, meanNs));
    }
    return this.endsNs[spell]!;
  }
}

/** Those of one storage in a replication, the same for whoever asks. */
export function spellsOn(storage: StorageSpec, { seed, replication }: Draws): Spells {
  return new Spells(storage, namedStream(seed, replication, `storage/spells/${storage.name}`));
}
