import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedStream, Rng } from '../../src/kernel/rng.js';
import { draws, expectCounts, expectDistribution } from './fit.js';

type State = [number, number, number, number];

/** The published recurrence of xoshiro128** 1.1 in BigInt: rotl(s1 * 5, 7) * 9, then the linear step. */
function* reference(state: State): Generator<number, never> {
  const mask = 0xffffffffn;
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  const s = state.map((word) => BigInt(word >>> 0));
  for (;;) {
    yield Number((rotl((s[1]! * 5n) & mask, 7n) * 9n) & mask);
    const t = (s[1]! << 9n) & mask;
    s[2] = s[2]! ^ s[0]!;
    s[3] = s[3]! ^ s[1]!;
    s[1] = s[1]! ^ s[2]!;
    s[0] = s[0]! ^ s[3]!;
    s[2] = s[2]! ^ t;
    s[3] = rotl(s[3]!, 11n);
  }
}

const word = fc.integer({ min: 0, max: 0xffffffff });

describe('Rng', () => {
  it('is xoshiro128**, bit for bit, from any state', () => {
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (state) => {
        fc.pre(state.some((w) => w !== 0));
        const [rng, oracle] = [new Rng(state), reference(state)];
        for (let i = 0; i < 50; i++) expect(rng.uint32()).toBe(oracle.next().value);
      }),
      { seed: 4 },
    );
    const [rng, oracle] = [new Rng([1, 2, 3, 4]), reference([1, 2, 3, 4])];
    for (let i = 0; i < 10_000; i++) expect(rng.uint32()).toBe(oracle.next().value);
  });

  it('does not stand still from the all-zero state', () => {
    const rng = new Rng([0, 0, 0, 0]);
    expect(draws(8, () => rng.uint32()).some((x) => x !== 0)).toBe(true);
  });

  it('uniform has 53 bits of two words, in [0, 1); uniformPositive in (0, 1]', () => {
    const oracle = reference([5, 6, 7, 8]);
    const rng = new Rng([5, 6, 7, 8]);
    for (let i = 0; i < 1000; i++) {
      const exact = BigInt(oracle.next().value) * 2n ** 21n + (BigInt(oracle.next().value) >> 11n);
      expect(rng.uniform()).toBe(Number(exact) / 2 ** 53);
    }
    // The extreme words, by a stub of the step.
    const extreme = (bits: number): Rng => Object.assign(new Rng([1, 2, 3, 4]), { next: () => bits });
    expect(extreme(0).uniform()).toBe(0);
    expect(extreme(0).uniformPositive()).toBe(1);
    expect(extreme(-1).uniform()).toBe(1 - 2 ** -53);
    expect(extreme(-1).uniformPositive()).toBe(2 ** -53);
    for (const n of [1, 3, 2 ** 32 + 1, 2 ** 53 - 1, 2 ** 53]) {
      expect(extreme(-1).below(n)).toBe(n - 1);
      expect(extreme(0).below(n)).toBe(0);
    }
  });

  it('uniform fits its distribution; below(n) is even over 7 values and over the top bits of 2^53', () => {
    const rng = namedStream(1, 0, 'fit');
    expectDistribution(
      draws(100_000, () => rng.uniform()),
      (x) => x,
    );
    const [small, large] = [new Float64Array(7), new Float64Array(64)];
    for (let i = 0; i < 100_000; i++) {
      small[rng.below(7)]!++;
      large[Math.floor(rng.below(2 ** 53) / 2 ** 47)]!++;
    }
    expectCounts(small, new Float64Array(7).fill(1 / 7));
    expectCounts(large, new Float64Array(64).fill(1 / 64));
  });
});

describe('namedStream', () => {
  const first = (seed: number, replication: number, name: string): number =>
    namedStream(seed, replication, name).uniform();

  it('is a function of seed, replication and name, and of each of them', () => {
    expect(first(1, 2, 'guest')).toBe(first(1, 2, 'guest'));
    const heads = new Set<number>();
    for (let seed = 0; seed < 20; seed++)
      for (let replication = 0; replication < 50; replication++)
        for (const name of ['guest', 'guest2', 'device', '', '1', '/'])
          heads.add(first(seed, replication, name));
    expect(heads.size).toBe(20 * 50 * 6);
  });

  it('the parts cannot be mistaken for each other: seed 1, replication 11 is not seed 11, replication 1', () => {
    expect(first(1, 11, 'x')).not.toBe(first(11, 1, 'x'));
    expect(first(1, 1, '1/x')).not.toBe(first(1, 11, 'x'));
  });

  it('neighbouring streams are uniform across streams, and not correlated with each other', () => {
    const n = 20_000;
    const across = draws(n, () => 0);
    const next = draws(n, () => 0);
    for (let i = 0; i < n; i++) {
      across[i] = first(1, i, 'guest');
      next[i] = first(1, i, 'device');
    }
    expectDistribution(across, (x) => x);
    // Correlation of n independent pairs has deviation 1 / sqrt(n); bound at 5 of them (6e-7), three pairings.
    const correlation = (a: Float64Array, b: Float64Array, lag: number): number => {
      let sum = 0;
      for (let i = lag; i < n; i++) sum += (a[i]! - 0.5) * (b[i - lag]! - 0.5);
      return (sum / (n - lag)) * 12;
    };
    for (const r of [
      correlation(across, next, 0),
      correlation(across, across, 1),
      correlation(across, next, 1),
    ])
      expect(Math.abs(r)).toBeLessThan(5 / Math.sqrt(n));
  });

  it('draws of one stream do not move another (common random numbers)', () => {
    const lone = draws(
      10,
      (
        (rng) => () =>
          rng.uniform()
      )(namedStream(9, 3, 'guest')),
    );
    const [guest, device] = [namedStream(9, 3, 'guest'), namedStream(9, 3, 'device')];
    const mixed = draws(10, () => {
      device.uniform();
      return guest.uniform();
    });
    expect(mixed).toEqual(lone);
  });

  it('pinned: what this stream gave when the test was written, a memory and not the truth', () => {
    const rng = namedStream(42, 7, 'pinned');
    expect(Array.from({ length: 4 }, () => rng.uint32())).toMatchInlineSnapshot(`
      [
        1015420629,
        549781262,
        4259286012,
        1167908109,
      ]
    `);
  });
});
