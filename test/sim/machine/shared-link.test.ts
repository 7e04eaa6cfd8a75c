import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Kernel } from '../../../src/kernel/kernel.js';
import type { Process } from '../../../src/kernel/process.js';
import { fairLevel, SharedLink } from '../../../src/sim/machine/shared-link.js';

it('the level is max-min fair: all of the link where more is asked, and nobody held back where it is not', () => {
  const rates = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(rates, fc.integer({ min: 1, max: 3000 }), (asked, link) => {
      const level = fairLevel(asked, link);
      const all = asked.reduce((sum, each) => sum + each, 0);
      const given = asked.reduce((sum, each) => sum + Math.min(each, level), 0);
      expect(given).toBeCloseTo(Math.min(all, link), 6);
    }),
  );
});

it('who comes slows those that are there, and who goes leaves them his part', () => {
  const kernel = new Kernel();
  const link = new SharedLink(kernel, 100);
  const ends: Record<string, number> = {};
  function* sender(name: string, afterNs: number, ns: number): Process {
    yield afterNs;
    yield* link.send(ns, 100, 100);
    ends[name] = kernel.nowNs;
  }
  kernel.spawn('long', sender('long', 0, 1000));
  kernel.spawn('short', sender('short', 200, 300));
  kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1000 });
  // Alone for 200, half the link for 600, alone for the last 500.
  expect(ends).toEqual({ short: 800, long: 1300 });
});
