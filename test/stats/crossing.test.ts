/** Roots that are known in closed form: what the search says of them, how often it errs, and what it takes. */
import { describe, expect, it } from 'vitest';
import { exponential, standardNormal } from '../../src/kernel/distributions.js';
import { namedStream, type Rng } from '../../src/kernel/rng.js';
import { Crossing, type CrossingRule, type End, type Found } from '../../src/stats/crossing.js';
import { samplesNeeded, sureCounts } from '../../src/stats/excess.js';
import type { Range } from '../../src/stats/search-range.js';

const RULE: CrossingRule = { exact: false, allowed: 0.05, few: 10, many: 100, resolution: 1e-3 };
const EXACT: CrossingRule = { exact: true, allowed: 0, few: 1, many: 1, resolution: 1e-3 };
const RANGE: Range = { lowest: 1, highest: 1e9, start: 1000, geometric: true };

/** Sample k of a setting: by how much it exceeds the limit; null where the setting is refused. */
type Response = (at: number, k: number) => number | null;

function search(range: Range, rule: CrossingRule, response: Response): { found: Found; draws: number } {
  let draws = 0;
  const asking = new Crossing(range, rule).find();
  let step = asking.next();
  while (!step.done) {
    const { at, from, to } = step.value;
    const samples: number[] = [];
    let refused = response(at, 0) === null;
    for (let k = from; k < to && !refused; k++) {
      const value = response(at, k);
      if (value === null) refused = true;
      else samples.push(value);
    }
    draws += samples.length;
    step = asking.next(refused ? null : samples);
  }
  return { found: step.value, draws };
}

const highOf = (found: Found): End => {
  if (found.state !== 'fits') throw new Error('nothing fits');
  return found.high;
};

describe('where nothing is random', () => {
  it.each([1, 2, 3, 7, 999, 1000, 1001, 123_456, 999_999_999])('finds the largest that fits: %d', (root) => {
    const { found, draws } = search(RANGE, EXACT, (at) => at - root);
    expect(found).toMatchObject({ state: 'fits', low: { kind: 'limit', at: 1 }, again: null });
    expect(highOf(found)).toEqual({ kind: 'root', at: root, lo: root, hi: root });
    expect(draws).toBeLessThan(90);
  });

  it.each([2, 500, 1000, 1001, 654_321])('finds the least that fits: %d', (root) => {
    const { found } = search(RANGE, EXACT, (at) => root - at);
    expect(found).toMatchObject({
      low: { kind: 'root', at: root, lo: root, hi: root },
      high: { kind: 'limit', at: 1e9 },
    });
  });

  it('finds both ends of a stretch, wherever it begins to look', () => {
    for (const start of [30, 200, 5000]) {
      const { found } = search({ ...RANGE, start }, EXACT, (at) => (at < 150 || at > 7000 ? 1 : 0));
      expect(found).toMatchObject({ low: { at: 150 }, high: { at: 7000 } });
    }
  });

  it('says that none fits, that all do, and where the limit is that others set', () => {
    expect(search(RANGE, EXACT, () => 1).found).toEqual({ state: 'none' });
    expect(search(RANGE, EXACT, () => 0).found).toMatchObject({
      low: { kind: 'limit', at: 1 },
      high: { kind: 'limit', at: 1e9 },
    });
    const limited = search(RANGE, EXACT, (at) => (at > 77_777 ? null : 0)).found;
    expect(limited).toMatchObject({ high: { kind: 'limit', at: 77_777 } });
  });

  it('gives up a side on which it gets worse and worse, and finds what fits on the other', () => {
    const seen: number[] = [];
    const response: Response = (at) => {
      seen.push(at);
      return at < 20 ? 0 : at;
    };
    expect(highOf(search(RANGE, EXACT, response).found)).toMatchObject({ at: 19 });
    seen.length = 0;
    const worsening: Response = (at) => {
      seen.push(at);
      return at;
    };
    expect(search(RANGE, EXACT, worsening).found).toEqual({ state: 'none' });
    expect(Math.max(...seen)).toBeLessThan(1e6);
  });

  it('says that it fits again where the response turns', () => {
    const { found } = search(RANGE, EXACT, (at) => (at > 2000 && at < 15_000 ? 1 : 0));
    expect(found).toMatchObject({ high: { at: 2000 } });
    expect(found.state === 'fits' && found.again).toBeGreaterThanOrEqual(15_000);
  });

  it('steps one by one where ratios mean nothing', () => {
    const range = { lowest: 9, highest: 31, start: 16, geometric: false };
    expect(highOf(search(range, EXACT, (at) => at - 21).found)).toMatchObject({ at: 21 });
  });
});

/** The standard normal's 95th percentile. */
const Z = 1.6448536269514722;
const LIMIT = 40_000;

interface Situation {
  /** The largest setting that fits. */
  readonly root: number;
  /** A response of its own for each trial. */
  trial(rng: Rng): Response;
}

/** A draw for each replication, the same for every setting. */
function common(rng: Rng, draw: (rng: Rng) => number): (k: number) => number {
  const drawn: number[] = [];
  return (k) => {
    while (drawn.length <= k) drawn.push(draw(rng));
    return drawn[k]!;
  };
}

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'common random numbers that scale': {
    root: Math.floor(LIMIT / Math.exp(0.2 * Z)),
    trial: (rng) => {
      const noise = common(rng, (each) => Math.exp(0.2 * standardNormal(each)));
      return (at, k) => at * noise(k) - LIMIT;
    },
  },
  'common random numbers that add': {
    root: Math.floor(LIMIT - 3000 * -Math.log(0.05)),
    trial: (rng) => {
      const noise = common(rng, (each) => exponential(each, 3000));
      return (at, k) => at + noise(k) - LIMIT;
    },
  },
  'noise of its own at every setting': {
    root: Math.floor(LIMIT / Math.exp(0.1 * Z)),
    trial: (rng) => (at) => at * Math.exp(0.1 * standardNormal(rng)) - LIMIT,
  },
  'a few whole numbers': {
    root: 4,
    trial: (rng) => {
      const noise = common(rng, standardNormal);
      return (at, k) => at + 0.25 * noise(k) - 4.5;
    },
  },
  'half common, half its own, growing with the square': {
    root: Math.floor(Math.sqrt(LIMIT ** 2 / Math.exp(Z * Math.hypot(0.1, 0.1)))),
    trial: (rng) => {
      const noise = common(rng, standardNormal);
      return (at, k) => at ** 2 * Math.exp(0.1 * (noise(k) + standardNormal(rng))) - LIMIT ** 2;
    },
  },
};

const TRIALS = 1000;

describe('where chance takes part', () => {
  it('knows how many samples tell, and which counts leave no doubt', () => {
    expect(samplesNeeded(0.05)).toBe(59);
    // P(B(100, 0.05) <= 0) = 0.006 and <= 1: 0.037; P(>= 10) = 0.028 and >= 11: 0.011.
    expect(sureCounts(100, 0.05)).toEqual({ fits: 0, not: 11 });
  });

  // The interval is conservative (counts are whole): of 1000 trials about 980 should cover. Were the true coverage 96 %,
  // this would fail for one seed in 18; the seed is fixed.
  it.each(Object.entries(SITUATIONS))('covers the root in 95 of 100 trials: %s', (name, { root, trial }) => {
    let [covered, draws] = [0, 0];
    for (let t = 0; t < TRIALS; t++) {
      const result = search(RANGE, RULE, trial(namedStream(7, t, name)));
      const high = highOf(result.found);
      if (high.kind === 'root' && high.lo <= root && root <= high.hi) covered++;
      draws += result.draws;
    }
    expect(covered).toBeGreaterThanOrEqual(0.95 * TRIALS);
    // A grid of the same resolution between the limits: ln(1e9) / 0.001 settings with 100 samples each.
    expect(draws / TRIALS).toBeLessThan(0.01 * (Math.log(1e9) / 1e-3) * RULE.many);
  });
});
