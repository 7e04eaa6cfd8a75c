/** What became of each copy of a bitmap on real QEMU: outcomes.csv. No times; a cell agrees in every column or not. */
import { InputError } from '../../base/errors.js';
import { allCells, type CellKey, fateOf } from '../../fate/cells.js';
import { type FateRules, fateRules } from '../../fate/rules.js';
import { qemuSpec } from '../../sim/qemu/releases.js';
import type { QemuSpec } from '../../sim/scenario.js';
import { SIDE } from '../../study/outcomes/cells.js';
import type { ValidationKind } from './kind.js';
import { qemuOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';

interface CellRow {
  readonly config: string;
  readonly strategy: string;
  /** Column: measured, predicted. Empty where they agree. */
  readonly differences: Readonly<Record<string, readonly [measured: string, predicted: string]>>;
}

export const outcomesKind: ValidationKind = {
  name: 'outcomes',
  columns: ['outcome', 'strategy', 'history', 'boot', 'survivor'],
  validate({ rows }) {
    const known = new Map(WAYS.map((way) => [way, cellsOf(way)]));
    const judged = rows.map((row): CellRow => {
      const name = nameOf({
        outcome: row.text('outcome'),
        strategy: row.text('strategy'),
        history: row.text('history'),
      });
      const key = known.get(wayOf(row) ?? '')?.get(name);
      if (!key)
        throw new InputError(`outcomes: there is no cell '${name}'; \`stopgap outcomes --json\` lists them`);
      return { config: name, strategy: row.text('strategy'), differences: differencesOf(row, key) };
    });
    const wrong = judged.filter(({ differences }) => Object.keys(differences).length > 0);
    return {
      json: { n: judged.length, outcome_mismatches: wrong.length, rows: judged },
      medianApe: null,
      p90Ape: null,
      mismatches: wrong.length,
      table: {
        columns: ['strategy', 'cells', 'differ'],
        rows: [...groupBy(judged, ({ strategy }) => strategy)].map(([strategy, cells]) => [
          strategy,
          String(cells.length),
          String(cells.filter((cell) => wrong.includes(cell)).length),
        ]),
      },
      remarks: [
        `${wrong.length} of ${judged.length} cells differ from real QEMU`,
        ...wrong.map(({ config, differences }) => `${config}: ${Object.keys(differences).join(', ')}`),
      ],
    };
  },
};

/** How disks and RAM went: on shared storage in pre-copy, unless a row has it otherwise. */
const WAYS = ['', 'mirrored', 'postcopy-ram'] as const;
type Way = (typeof WAYS)[number];

const wayOf = (row: MeasuredRow): Way | undefined => WAYS.find((way) => way === row.text('way'));

const rulesOf = (qemu: QemuSpec, way: Way | undefined): FateRules =>
  fateRules(qemu, { mirrored: way === 'mirrored', ramFollows: way === 'postcopy-ram' });

/** Every release has the same. */
const cellsOf = (way: Way): Map<string, CellKey> =>
  new Map(allCells(rulesOf(qemuSpec('7.2'), way)).map((cell) => [nameOf(cell), cell]));

const nameOf = ({ outcome, strategy, history }: Record<'outcome' | 'strategy' | 'history', string>): string =>
  `${outcome}/${strategy}/${history}`;

function differencesOf(row: MeasuredRow, key: CellKey): CellRow['differences'] {
  const cell = fateOf(key, rulesOf(qemuOf(row), wayOf(row)));
  const predicted: Record<string, string> = {
    source: cell.source,
    destination: cell.destination,
    image_after_migration: cell.imageAfterMigration,
    image_at_end: cell.imageAtEnd,
    boot: cell.boot,
    survivor: SIDE[cell.survivor],
    backup_live: cell.backupLive ?? '',
    backup_after_boot: cell.backupAfterBoot ?? '',
  };
  return Object.fromEntries(
    Object.entries(predicted)
      .filter(([column, value]) => row.text(column) !== value)
      .map(([column, value]) => [column, [row.text(column), value] as const]),
  );
}
