/**
 * How pre-copy ends over all speeds of the migration. What is left of RAM goes up and down with the speed, some sixty times:
 * within a number of rounds it goes one way, and back at once where a round more or less is made. So it is looked at at
 * equally probable speeds, the leaps between them are narrowed down, and in between it is taken to go evenly.
 */
import { normalQuantile } from '../../kernel/normal.js';
import type { Scenario } from '../scenario.js';
import { precopyOf } from './precopy.js';
import { type EndedPrecopy, precopyAlone } from './precopy-alone.js';

/** A speed, by the share of migrations that are slower. */
export interface AtSpeed {
  readonly share: number;
  readonly ended: EndedPrecopy;
}

/** Speeds that are looked at first. */
const SPEEDS = 1024;
/** Each halves what is not known of the place of a leap. */
const HALVINGS = 6;
/** Steps in which a quantity goes from one speed to the next. */
const STEPS = 16;

function endedAt(scenario: Scenario, share: number): AtSpeed | null {
  const factor = Math.exp(scenario.host.ramSpread * normalQuantile(share));
  const ended = precopyAlone(precopyOf(scenario, factor), 0);
  return ended === null || ended.outcome.state !== 'ready' ? null : { share, ended };
}

/** 1: values mostly rise from one to the next, -1: they mostly fall, 0: neither. */
function wayOf(values: readonly number[]): number {
  let ways = 0;
  for (let i = 1; i < values.length; i++) ways += Math.sign(values[i]! - values[i - 1]!);
  return Math.sign(ways);
}

const isLeap = (way: number, from: number, to: number): boolean => way * (to - from) < 0;

/** By share; null where pre-copy does not converge at one of them. */
export function allSpeeds(scenario: Scenario): readonly AtSpeed[] | null {
  const count = scenario.host.ramSpread === 0 ? 1 : SPEEDS;
  const first: AtSpeed[] = [];
  for (let i = 0; i < count; i++) {
    const at = endedAt(scenario, (i + 0.5) / count);
    if (at === null) return null;
    first.push(at);
  }
  const left = ({ ended }: AtSpeed): number => ended.outcome.ramStopNs;
  const way = wayOf(first.map(left));
  const all = [...first];
  for (let i = 1; i < count; i++) {
    let [low, high] = [first[i - 1]!, first[i]!];
    for (let k = 0; k < HALVINGS && isLeap(way, left(low), left(high)); k++) {
      const middle = endedAt(scenario, (low.share + high.share) / 2);
      if (middle === null) return null;
      all.push(middle);
      if (isLeap(way, left(low), left(middle))) high = middle;
      else low = middle;
    }
  }
  return all.sort((a, b) => a.share - b.share);
}

/** The share of migrations that each speed stands for in a mean. */
export function weightsOf(all: readonly AtSpeed[]): readonly number[] {
  const border = (i: number): number =>
    i === 0 ? 0 : i === all.length ? 1 : (all[i - 1]!.share + all[i]!.share) / 2;
  return all.map((_, i) => border(i + 1) - border(i));
}

export interface Weighted {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/** A quantity over all migrations: `values` at the speeds. Its mean is that of the values by `weightsOf`. */
export function distributed(all: readonly AtSpeed[], at: readonly number[]): Weighted {
  const way = wayOf(at);
  const room = 2 + STEPS * (all.length - 1);
  const [values, weights] = [new Float64Array(room), new Float64Array(room)];
  let count = 0;
  const add = (value: number, weight: number): void => {
    values[count] = value;
    weights[count++] = weight;
  };
  add(at[0]!, all[0]!.share);
  for (let i = 1; i < all.length; i++) {
    const [from, to] = [at[i - 1]!, at[i]!];
    const share = all[i]!.share - all[i - 1]!.share;
    if (from === to) add(to, share);
    else if (isLeap(way, from, to)) {
      add(from, share / 2);
      add(to, share / 2);
    } else for (let k = 0; k < STEPS; k++) add(from + ((k + 0.5) / STEPS) * (to - from), share / STEPS);
  }
  add(at.at(-1)!, 1 - all.at(-1)!.share);
  return { values: values.subarray(0, count), weights: weights.subarray(0, count) };
}
