import { describe, expect, it } from 'vitest';
import { zipfNormaliser, zipfTail } from '../../../src/kernel/distributions.js';
import { zipfClasses } from '../../../src/sim/guest/zipf-classes.js';

/** Classes of `units` units, one write a second in all. */
const classes = (units: number, slotsPerUnit: number, theta: number) =>
  zipfClasses({ from: 0, to: units, slotsPerUnit, theta, perNs: 1e-9 });

describe('rate classes', () => {
  it.each([
    [2 ** 18, 1, 0.99],
    [2 ** 16, 1024, 0.5],
    [2 ** 16, 1024, 2],
    [2 ** 20, 16, 5],
    [2 ** 20, 16, 50],
    [2 ** 12, 32768, 0.01],
  ])('of %i units of %i slots hold all units and all writes at theta %f', (units, slotsPerUnit, theta) => {
    const all = classes(units, slotsPerUnit, theta);
    expect(all.reduce((sum, c) => sum + c.units, 0) / units).toBeCloseTo(1, 6);
    expect(all.reduce((sum, c) => sum + c.units * c.perNs, 0) * 1e9).toBeCloseTo(1, 6);
  });

  it('give each of the first ranks a unit of its own, however steep the rest falls', () => {
    const all = classes(2 ** 20, 16, 6);
    const unitsAsFastAs = (rank: number) => {
      const perNs = (0.95e-9 * rank ** -6) / zipfNormaliser(2 ** 24, 6);
      return all.filter((c) => c.perNs > perNs).reduce((sum, c) => sum + c.units, 0);
    };
    // Two of them in one unit are a chance of 1e-6.
    for (const rank of [1, 2, 3]) expect(unitsAsFastAs(rank)).toBeCloseTo(rank, 3);
  });
});

it('the sum of far ranks is that of its terms', () => {
  let sum = 0;
  for (let k = 500; k <= 520; k++) sum += k ** -5;
  expect(zipfTail(500, 520, 5) / sum).toBeCloseTo(1, 5);
});
