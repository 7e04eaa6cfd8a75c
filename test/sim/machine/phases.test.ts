/** Phases by name and by place. */
import { expect, test } from 'vitest';
import { mapPhases, noPhases, PHASES } from '../../../src/sim/machine/phases.js';

test('each phase has its place in the list of all', () => {
  expect(Object.entries(mapPhases((_, index) => index))).toEqual(PHASES.map((name, i) => [name, i]));
  expect(mapPhases((name) => PHASES.indexOf(name))).toEqual(mapPhases((_, index) => index));
  expect(Object.entries(noPhases())).toEqual(PHASES.map((name) => [name, 0]));
});
