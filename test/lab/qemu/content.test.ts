import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namedStream } from '../../../src/kernel/rng.js';
import { clustersTouched, contentRuns, LAYOUTS } from '../../../src/lab/qemu/content.js';

const rng = () => namedStream(1, 0, 'test');

describe('content of a bitmap', () => {
  test('property: ascending, apart, inside, and as many bits as asked where runs are single', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LAYOUTS),
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (layout, total, share) => {
          const bits = Math.round(total * share);
          const runs = contentRuns(layout, bits, total, rng());
          let end = 0;
          for (const run of runs) {
            expect(run.first).toBeGreaterThanOrEqual(end);
            end = run.first + run.count;
          }
          expect(end).toBeLessThanOrEqual(total);
          const set = runs.reduce((sum, run) => sum + run.count, 0);
          if (layout === 'clustered') expect(set).toBeLessThanOrEqual(bits);
          else expect(set).toBe(bits);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  test('property: clusters touched, against a set of every granule', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 0, max: 500 }), (perCluster, bits) => {
        const runs = contentRuns('uniform', bits, 2000, rng());
        const clusters = new Set(
          runs.flatMap(({ first, count }) =>
            Array.from({ length: count }, (_, i) => Math.floor((first + i) / perCluster)),
          ),
        );
        expect(clustersTouched(runs, perCluster)).toBe(clusters.size);
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  test('all bits are one run, and one full run touches every cluster once', () => {
    const runs = contentRuns('uniform', 100, 100, rng());
    expect(runs).toEqual([{ first: 0, count: 100 }]);
    expect(clustersTouched(runs, 8)).toBe(13);
  });

  test('refuses more scattered bits than can be set, and says what to do', () => {
    expect(() => contentRuns('uniform', 2_000_000, 10_000_000, rng())).toThrow(/use --dirty-layout prefix/);
  });
});
