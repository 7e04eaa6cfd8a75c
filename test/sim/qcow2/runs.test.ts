import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpLog } from '../../../src/sim/qcow2/oplog.js';
import { RefcountCache } from '../../../src/sim/qcow2/refcountcache.js';
import { RunSet } from '../../../src/sim/qcow2/runs.js';

const LIMIT = 40;

describe('RunSet', () => {
  it('agrees with a plain set of numbers', () => {
    const step = fc.record({ add: fc.boolean(), start: fc.nat(LIMIT), length: fc.nat(12) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.nat(LIMIT),
        fc.integer({ min: 1, max: 8 }),
        (steps, from, length) => {
          const runs = new RunSet();
          const plain = new Set<number>();
          for (const { add, start, length: count } of steps) {
            if (add) runs.add(start, start + count);
            else runs.remove(start, start + count);
            for (let n = start; n < start + count; n++) add ? plain.add(n) : plain.delete(n);
          }
          expect(runs.size).toBe(plain.size);
          for (let n = 0; n < LIMIT + 15; n++) expect(runs.has(n)).toBe(plain.has(n));
          let gap = from;
          while (Array.from({ length }, (_, i) => gap + i).some((n) => plain.has(n))) gap++;
          expect(runs.gap(from, length)).toBe(gap);
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('RefcountCache', () => {
  it('walks a long range exactly as block by block', () => {
    const use = fc.record({ region: fc.nat(30), dirty: fc.boolean() });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 8 }), fc.nat(20), fc.nat(25), (uses, first, length) => {
        const run = (whole: boolean): unknown => {
          const log = new OpLog('sent');
          const cache = new RefcountCache(log, 4096, 4);
          for (const { region, dirty } of uses) {
            cache.load(region, 'scan');
            if (dirty) cache.markDirty(region);
          }
          if (whole) cache.loadRange(first, first + length);
          else for (let r = first; r < first + length; r++) cache.load(r, 'scan');
          // What is cached afterwards shows in what later uses must read and write.
          for (let r = 0; r < 50; r += 3) cache.load(r, 'scan');
          cache.flush();
          return log.take();
        };
        expect(run(true)).toEqual(run(false));
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});
