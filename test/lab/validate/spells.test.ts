/** The shipped stops on volumes with spells and neighbours: the model's law of them holds, and another would not. */
import { expect, it } from 'vitest';
import { SPELLS_GRID } from '../../../src/lab/spells/grid.js';
import { shippedRows } from './shipped-rows.js';

const { lines, judged, told } = shippedRows('spells');

const counts = (rows?: readonly string[]) => judged(rows).json as Readonly<Record<string, number>>;

it('holds p95 and the share over budget in nine of ten configurations of twenty stops', () => {
  const { cells, stops, p95_inside, share_inside, op_count_mismatches } = counts();
  expect({ cells, stops, op_count_mismatches }).toEqual({
    cells: SPELLS_GRID.length,
    stops: 20 * SPELLS_GRID.length,
    op_count_mismatches: 0,
  });
  expect(SPELLS_GRID.length).toBeGreaterThanOrEqual(40);
  expect(p95_inside!).toBeGreaterThanOrEqual(0.9 * cells!);
  expect(share_inside!).toBeGreaterThanOrEqual(0.9 * cells!);
});

it('does not hold them by a law that the volume was not given', () => {
  const ofSpells = lines.filter((line) => /^"?spells:/.test(line));
  const steady = ofSpells.map((line) => told(line, 'slow_factor', '1'));
  const { cells, p95_inside } = counts(steady);
  expect(p95_inside!).toBeLessThan(0.5 * cells!);
});
