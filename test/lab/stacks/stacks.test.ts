/** The rows that ship were played with what the stacks set today. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { labHost } from '../../../src/lab/host.js';
import { guestOf, isGuestName, stackCells } from '../../../src/lab/stacks/grid.js';
import { KNOB_COLUMNS, knobColumns, migrationFrom } from '../../../src/lab/stacks/knobs.js';
import { granularityOf, steeringOf } from '../../../src/lab/stacks/steering.js';
import { validate } from '../../../src/lab/validate/registry.js';
import { readMeasured } from '../../../src/lab/validate/rows.js';

const FILE = new URL('../../../results/validation/stacks.csv', import.meta.url);
const text = readFileSync(FILE, 'utf8');
const { rows } = readMeasured(text, 'stacks.csv');
const host = await labHost();
const report = (csv: string) =>
  validate(csv, 'stacks.csv', { minMs: 30, budgetMs: 300, host, prior: host }, () => undefined);

describe('stacks on real QEMU', () => {
  it('are at least 8, with six sizes for a guest at rest and a busy one', () => {
    const played = rows.map((row) => `${row.name('stack')} ${row.name('guest')} ${row.number('disk_bytes')}`);
    const cells = stackCells().map(({ stack, guestName, diskBytes }) => `${stack} ${guestName} ${diskBytes}`);
    expect(new Set(played)).toEqual(new Set(cells));
    expect(new Set(stackCells().map(({ stack }) => stack)).size).toBeGreaterThanOrEqual(8);
  });

  it('were played with the knobs of their files', async () => {
    // One row of each stack: its knobs follow from the stack alone.
    const ofStack = new Map(rows.map((row) => [row.name('stack'), row]));
    for (const [stack, row] of ofStack) {
      const guest = row.name('guest');
      if (!isGuestName(guest)) throw new Error(guest);
      const steering = await steeringOf({
        stack,
        qemu: row.name('qemu'),
        guest: guestOf(guest),
        diskBytes: row.number('disk_bytes'),
        wireBytesPerS: row.number('wire_bytes_per_s'),
      });
      const knobs = knobColumns(steering.scenario.migration);
      for (const column of KNOB_COLUMNS) expect(row.text(column), column).toBe(String(knobs[column] ?? ''));
      expect(migrationFrom(row)).toEqual(steering.scenario.migration);
      expect(row.number('granularity_bytes')).toBe(granularityOf(steering));
      expect([row.text('persistent'), row.text('dirty_bitmaps')]).toEqual(
        [steering.persistent, steering.streams].map((is) => String(Number(is))),
      );
    }
  });

  it('end as the model says: route, convergence, final limit', () => {
    const { kind, json, mismatches } = report(text);
    expect(kind).toBe('stacks');
    expect(json).toMatchObject({ n: rows.length, cells: stackCells().length, cell_mismatches: 0 });
    expect(json.right).toMatchObject({ route: rows.length, converged: rows.length });
    // Where the wait decides, one play of a cell may look at the limit a moment later than another.
    expect(json.play_mismatches).toBeLessThanOrEqual(rows.length / 100);
    expect(mismatches).toBe(0);
  });

  it('are told apart from others: another route, another limit, a stop that never came', () => {
    const once = text.split('\n', stackCells().length + 1).join('\n');
    expect(report(once).mismatches).toBe(0);
    const changed = (from: RegExp, to: string): string => once.replace(from, to);
    expect(report(changed(/,1,store,300,/, ',1,stream,300,')).mismatches).toBe(1);
    expect(report(changed(/,1,store,300,/, ',1,store,301,')).mismatches).toBe(1);
    expect(report(changed(/,1,stream,300,/, ',0,,300,')).mismatches).toBe(1);
  });

  it('are outvoted within a cell, one of three by the others and two of three not', () => {
    const [head, first] = text.split('\n');
    const wrong = first!.replace(/,1,store,300,/, ',1,store,301,');
    const of = (...plays: string[]): number => report([head, ...plays, ''].join('\n')).mismatches;
    expect([of(first!, wrong, first!), of(first!, wrong, wrong), of(first!, wrong)]).toEqual([0, 1, 1]);
  });
});
