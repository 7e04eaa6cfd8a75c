/** Fates of bitmaps whose disk is copied along, or whose guest's RAM follows after the resume: real QEMU against the model. */
import { describe, test } from 'vitest';
import { allCells } from '../../src/fate/cells.js';
import { wasMeasured } from '../../src/fate/outcomes.js';
import { missing } from './available.js';
import { expectFate, rulesOf, type Way } from './outcome-stage.js';

/** All that is said to have been watched. */
const cellsOf = (way: Way) =>
  allCells(rulesOf(way))
    .filter(({ outcome, strategy, history }) => wasMeasured(outcome, strategy, history, rulesOf(way)))
    .map(({ outcome, strategy, history }) => [outcome, strategy, history] as const);

describe.skipIf(missing.length > 0)('all fates of a mirrored disk on real QEMU', () => {
  test.each(cellsOf('mirrored'))('%s, %s, %s', (...cell) => expectFate(...cell, 'mirrored'));
});

describe.skipIf(missing.length > 0)('all fates with post-copy of RAM on real QEMU', () => {
  test.each(cellsOf('postcopy-ram'))('%s, %s, %s', (...cell) => expectFate(...cell, 'postcopy-ram'));
});
