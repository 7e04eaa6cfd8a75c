/** The shipped stops on volumes with spells and neighbours: the model's law of them holds, and another would not. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labHost } from '../../../src/lab/host.js';
import { SPELLS_GRID } from '../../../src/lab/spells/grid.js';
import { validate } from '../../../src/lab/validate/registry.js';

const FILE = 'results/validation/spells.csv';
const text = readFileSync(FILE, 'utf8');
const host = await labHost();

function judged(csv: string) {
  const { kind, json } = validate(
    csv,
    FILE,
    { minMs: 30, budgetMs: 300, host, prior: host },
    () => undefined,
  );
  expect(kind).toBe('spells');
  return json as Readonly<Record<string, number>>;
}

it('holds p95 and the share over budget in nine of ten configurations of twenty stops', () => {
  const { cells, stops, p95_inside, share_inside, op_count_mismatches } = judged(text);
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
  const [head, ...lines] = text.trimEnd().split('\n');
  const ofSpells = lines.filter((line) => /^"?spells:/.test(line));
  const columns = head!.split(',');
  const factor = columns.indexOf('slow_factor') - columns.length;
  const steady = ofSpells.map((line) => {
    const cells = line.split(',');
    // Names of configurations have commas of their own, so cells are counted from the end.
    cells[cells.length + factor] = '1';
    return cells.join(',');
  });
  const { cells, p95_inside } = judged([head, ...steady].join('\n'));
  expect(p95_inside!).toBeLessThan(0.5 * cells!);
});
