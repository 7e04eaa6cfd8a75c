/** Where a walk says units are entered first, held against the writes of the pattern itself. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { namedStream } from '../../../src/kernel/rng.js';
import { createPattern } from '../../../src/sim/guest/patterns.js';
import { SequentialWalk } from '../../../src/sim/guest/sequential-walk.js';
import { WordSource } from '../../../src/sim/guest/word-source.js';

const ALIGN = 4;

const walks = fc.record({
  start: fc.nat(40),
  slots: fc.integer({ min: 1, max: 120 }),
  slotsPerUnit: fc.integer({ min: 1, max: 9 }),
  streams: fc.integer({ min: 1, max: 12 }),
  steps: fc.array(fc.nat(25), { minLength: 1, maxLength: 20 }),
});

interface Case {
  readonly start: number;
  readonly slots: number;
  readonly slotsPerUnit: number;
  readonly streams: number;
}

function setUp({ start, slots, slotsPerUnit, streams }: Case, writes: number) {
  const region = { startBytes: start * ALIGN, alignBytes: ALIGN, slots, largestBytes: ALIGN };
  const walk = new SequentialWalk({ region, unitBytes: slotsPerUnit * ALIGN, streams, perNs: 1, before: 0 });
  const pattern = createPattern(
    { kind: 'sequential', streams },
    slots,
    new WordSource(namedStream(1, 0, 'unused')),
  );
  const places = new Float64Array(writes);
  pattern.fill(places, writes);
  const units = Array.from(places, (slot) => Math.floor((start + slot) / slotsPerUnit));
  return { walk, units };
}

it('enters each unit once, when the first write of the pattern is there', () => {
  fc.assert(
    fc.property(walks, ({ steps, ...walkCase }) => {
      const { walk, units } = setUp(walkCase, 500);
      const seen = new Set<number>();
      let made = 0;
      for (const step of steps) {
        const entered: number[] = [];
        walk.moveTo(made + step, (from, to) => {
          for (let unit = from; unit < to; unit++) entered.push(unit);
        });
        const expected = new Set(units.slice(made, made + step).filter((unit) => !seen.has(unit)));
        expect(entered.toSorted((a, b) => a - b)).toEqual([...expected].toSorted((a, b) => a - b));
        for (const unit of expected) seen.add(unit);
        made += step;
      }
      const [from, to] = walk.range;
      expect(units.every((unit) => unit >= from && unit < to)).toBe(true);
    }),
  );
});

it('knows the next write that enters a unit that counts', () => {
  fc.assert(
    fc.property(walks, fc.integer({ min: 1, max: 5 }), ({ steps, ...walkCase }, every) => {
      const { walk, units } = setUp(walkCase, 500);
      const made = steps[0]!;
      walk.moveTo(made, () => {});
      const before = new Set(units.slice(0, made));
      const counts = (unit: number): boolean => unit % every === 0;
      const at = units.findIndex((unit, i) => i >= made && !before.has(unit) && counts(unit));
      const skip = (unit: number): number => (counts(unit) ? unit : unit + every - (unit % every));
      expect(walk.madeAtNext(skip)).toBe(at < 0 ? Number.POSITIVE_INFINITY : at + 1);
    }),
  );
});
