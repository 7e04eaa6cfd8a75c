/** Shared room for rows: never written to while somebody reads it, and never made anew while one is free. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { giveBack, Room } from '../../src/sweep/run/room.js';

const read = (text: Uint8Array): string => new TextDecoder().decode(Uint8Array.from(text));

it('holds what was added, whatever its characters and however long', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(200_000), (texts, long) => {
      const room = new Room();
      expect(room.claim()).toBe(true);
      const all = [...texts, 'x'.repeat(long), '€'];
      for (const text of all) room.add(text);
      expect(read(room.text)).toBe(all.join(''));
    }),
    { seed: 1, numRuns: 50 },
  );
});

it('is claimed by one at a time, and keeps its text until that is given back', () => {
  const room = new Room();
  expect(room.claim()).toBe(true);
  room.add('first');
  const { text } = room;
  expect(room.claim()).toBe(false);
  expect(read(text)).toBe('first');
  giveBack(text);
  expect(room.claim()).toBe(true);
  room.add('other');
  expect(read(text)).toBe('other');
});

it('stays claimed when it grows', () => {
  const room = new Room();
  room.claim();
  room.add('x'.repeat(1 << 20));
  expect(room.claim()).toBe(false);
  giveBack(room.text);
  expect(room.claim()).toBe(true);
});
