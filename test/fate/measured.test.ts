import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { allCells, type CellKey, fateOf } from '../../src/fate/cells.js';
import { type FateRules, fateRules } from '../../src/fate/rules.js';
import type { History } from '../../src/fate/steps.js';
import { qemuSpec } from '../../src/sim/qemu/releases.js';

interface Row {
  readonly config: string;
  readonly outcome: string;
  readonly strategy: string;
  readonly history: History;
  readonly [column: string]: string;
}

const FOLDER = new URL('../../results/validation/', import.meta.url);
const files = process.env.STOPGAP_OUTCOMES
  ? [process.env.STOPGAP_OUTCOMES]
  : ['outcomes.csv', 'outcomes-more.csv', 'outcomes-releases.csv', 'outcomes-ways.csv'].map(
      (name) => new URL(name, FOLDER),
    );
const rows: Row[] = files.flatMap((file) => parse(readFileSync(file), { columns: true }) as Row[]);
const side = { source: 'src', destination: 'dst', none: 'none' } as const;

const rulesOf = (way: string, qemu = '7.2'): FateRules =>
  fateRules(qemuSpec(qemu), { mirrored: way === 'mirrored', ramFollows: way === 'postcopy-ram' });
const nameOf = ({ outcome, strategy, history }: CellKey): string => `${outcome}/${strategy}/${history}`;

describe('fates measured on real QEMU', () => {
  it('has a cell for every row', () => {
    const have = new Map(
      ['', 'mirrored', 'postcopy-ram'].map((way) => [way, new Set(allCells(rulesOf(way)).map(nameOf))]),
    );
    expect(rows.filter((row) => !have.get(row.way ?? '')?.has(nameOf(row)))).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
  });

  it.each(rows.map((row) => [row.qemu ?? '7.2.22', row.config, row] as const))(
    'QEMU %s: %s',
    (qemu, _, row) => {
      const cell = fateOf(row, rulesOf(row.way ?? '', qemu));
      expect({
        source: cell.source,
        destination: cell.destination,
        image_after_migration: cell.imageAfterMigration,
        image_at_end: cell.imageAtEnd,
        boot: cell.boot,
        survivor: side[cell.survivor],
        backup_live: cell.backupLive ?? '',
        backup_after_boot: cell.backupAfterBoot ?? '',
      }).toEqual({
        source: row.source,
        destination: row.destination,
        image_after_migration: row.image_after_migration,
        image_at_end: row.image_at_end,
        boot: row.boot,
        survivor: row.survivor,
        backup_live: row.backup_live,
        backup_after_boot: row.backup_after_boot,
      });
    },
  );
});
