/** What the indices and the box mean, in a sentence each. */
import { summariseMean } from '../../stats/mean.js';
import type { Box } from '../../stats/prim.js';
import type { Factor } from './factor.js';

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** How well the most important input is imagined to be measured. */
const MEASURED_WITHIN = 0.1;

interface Index {
  readonly path: string;
  readonly first: number;
}

/** Below this share of the mean nothing varies that anyone would see. */
const STEADY = 1e-9;

interface Explained {
  /** The input that explains most; undefined where nothing varies. */
  readonly main: Index | undefined;
  readonly text: string;
  /** What no input explains alone, as the end of the sentence. */
  readonly together: string;
}

/** `71 % of the variance comes of storage.write.latency`. */
export function explainedBy(indices: readonly Index[], values: readonly number[]): Explained {
  const { mean, sd } = summariseMean(values);
  if (!((sd ?? 0) > STEADY * Math.abs(mean)))
    return { main: undefined, text: 'none of the parameters changes it', together: '' };
  const main = indices.reduce((best, each) => (each.first > best.first ? each : best));
  const joint = 1 - indices.reduce((sum, { first }) => sum + Math.max(0, first), 0);
  const together = joint > 0.1 ? `; ${percent(joint)} comes of parameters acting together` : '';
  const text = `${percent(Math.min(1, Math.max(0, main.first)))} of the variance comes of ${main.path}`;
  return { main, text, together };
}

/** The same, and `known within 10 %, it would leave 54 % of the spread`. */
export function sentenceOf(
  indices: readonly Index[],
  factors: readonly Factor[],
  values: readonly number[],
): string {
  const { main, text, together } = explainedBy(indices, values);
  const left = factors.find(({ path }) => path === main?.path)?.leftWithin(MEASURED_WITHIN);
  if (main === undefined || left === undefined || left >= 1) return text + together;
  const kept = Math.sqrt(Math.max(0, 1 - Math.min(1, main.first) * (1 - left ** 2)));
  return `${text}; known within ${percent(MEASURED_WITHIN)}, it would leave ${percent(kept)} of the spread${together}`;
}

/** An input as the words of a box name it. */
type Named = Pick<Factor, 'path' | 'shown' | 'discrete'>;

/** `too much where flush-latency is above 0.35 ms and bitmaps.count at least 5`. */
export function boxWords({ sides, density, coverage }: Box, factors: readonly Named[]): string {
  const words = sides.map(({ input, low, high }) => {
    const { path, shown, discrete } = factors[input]!;
    if (discrete && shown(low) === shown(high)) return `${path} is ${shown(low)}`;
    if (high >= 1) return `${path} is ${discrete ? 'at least' : 'above'} ${shown(low)}`;
    if (low <= 0) return `${path} is ${discrete ? 'at most' : 'below'} ${shown(high)}`;
    return `${path} is from ${shown(low)} to ${shown(high)}`;
  });
  return `too much where ${words.join(' and ')} (${percent(density)} of those settings are, and ${percent(coverage)} of all that are lie there)`;
}
