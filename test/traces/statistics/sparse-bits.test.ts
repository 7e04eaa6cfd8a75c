/** The bitmaps of a trace against sets of numbers, through every size of a page. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockPool, WITHIN } from '../../../src/traces/statistics/block-pool.js';
import { PairTable } from '../../../src/traces/statistics/pair-table.js';
import { SparseBits } from '../../../src/traces/statistics/sparse-bits.js';

describe('SparseBits', () => {
  it('tells first touches as a set does, near and far, on several disks', () => {
    const near = fc.integer({ min: 0, max: 70_000 });
    const far = fc.integer({ min: 2 ** 43, max: 2 ** 43 + 300 });
    const touch = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.oneof(near, far));
    fc.assert(
      fc.property(fc.array(touch, { maxLength: 4000, size: 'max' }), (touches) => {
        const bits = new SparseBits();
        const known = new Set<string>();
        for (const [device, bit] of touches) {
          expect(bits.add(device, bit)).toBe(!known.has(`${device}/${bit}`));
          known.add(`${device}/${bit}`);
        }
        expect(bits.count).toBe(known.size);
      }),
      { numRuns: 20, seed: 20180523 },
    );
  });

  it('holds a page full of bits, set in a scattered order', () => {
    const bits = new SparseBits();
    for (let i = 0; i < 32_768; i++) expect(bits.add(0, (i * 12_345) % 32_768)).toBe(true);
    for (let i = 0; i < 32_768; i++) expect(bits.add(0, i)).toBe(false);
    expect([bits.count, bits.page]).toEqual([32_768, 0]);
    expect(bits.add(0, 32_768)).toBe(true);
    expect([bits.count, bits.page]).toEqual([32_769, 1]);
  });
});

describe('BlockPool', () => {
  it('gives a slab to another size once all its blocks came back', () => {
    const pool = new BlockPool();
    const small = Array.from({ length: 100 }, () => pool.take(2));
    for (const block of small) pool.wordsOf(block)[block & WITHIN] = 7;
    const large = pool.take(10);
    expect(pool.wordsOf(large)).not.toBe(pool.wordsOf(small[0]!));
    const slab = pool.wordsOf(small[0]!);
    for (const block of small) pool.give(block);
    const other = pool.take(5);
    expect(pool.wordsOf(other)).toBe(slab);
    expect([...slab.subarray(other & WITHIN, (other & WITHIN) + 32)]).toEqual(Array(32).fill(0));
    expect(new Set(small).size).toBe(100);
  });

  it('cuts a new slab where one is full', () => {
    const pool = new BlockPool();
    const blocks = Array.from({ length: 300 }, () => pool.take(11));
    expect(new Set(blocks).size).toBe(300);
    pool.give(blocks[3]!);
    pool.give(blocks[290]!);
    const again = [pool.take(11), pool.take(11)];
    expect([...again].sort((a, b) => a - b)).toEqual([blocks[3], blocks[290]]);
  });
});

describe('PairTable', () => {
  it('numbers pairs in the order of their first use, and knows them again', () => {
    const table = new PairTable(1);
    const pairs = Array.from({ length: 5000 }, (_, i) => [i % 70, Math.floor(i / 70) * 2 ** 25] as const);
    for (const [i, [a, b]] of pairs.entries()) expect(table.numberOf(a, b)).toBe(i);
    for (const [i, [a, b]] of pairs.entries()) expect(table.numberOf(a, b)).toBe(i);
    expect(table.size).toBe(5000);
  });
});
