/**
 * What docs/validation.md shows of the measured rows in results/validation/: a block of Markdown each, and figures.
 * `npm run validation` writes them; a test holds the page to them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorReport, ErrorRow } from '../../lab/validate/errors.js';
import type { TimeErrors, ValidationReport } from '../../lab/validate/kind.js';
import { validate } from '../../lab/validate/registry.js';
import { readSiblings } from '../../lab/validate/siblings.js';
import type { HostSpec } from '../../sim/scenario.js';
import { drawErrors, drawPredicted, predictedPoints } from '../figures/predicted.js';
import type { Drawing } from '../figures/render.js';
import { certaintyTable, type SpreadKnown } from './certainty.js';
import { type Cells, markdownTable, milliseconds, percent } from './markdown.js';

/** As `stopgap validate` without options. */
const OPTIONS = { minMs: 30, budgetMs: 300 };
/** Errors above this are listed one by one. */
const BAD = 0.05;
/** What single stops of the same kind differ by (results/validation/README.md). */
const NOISE_MS = 3;

/** Files of times, and what the figures call them. */
const TIMES: Readonly<Record<string, string>> = {
  'store.csv': 'stored',
  'punch.csv': 'stored, discards on',
  'scan.csv': 'allocated image',
  'datafile.csv': 'external data file',
  'handover.csv': 'with a destination',
  'file.csv': 'local file',
};
const SEQUENCES = ['opcounts.csv', 'opcounts-more.csv', 'datafile-opcounts.csv', 'qemu-10.1.0/opcounts.csv'];
/** Rows of a machine without a preset: its host is fitted, for each configuration to the others. */
const HOSTS = [
  ...['second-host', 'qemu-10.1.0'].flatMap((folder) =>
    ['store', 'punch', 'scan', 'handover'].map((kind) => `${folder}/${kind}.csv`),
  ),
  'datafile-delays.csv',
];
const FATES = ['outcomes.csv', 'outcomes-more.csv', 'outcomes-releases.csv', 'outcomes-ways.csv'];

type Report = ValidationReport & { readonly kind: string };

/** Makes the blocks from the files of one folder; each is made when asked for. */
export class ValidationPage {
  private readonly folder: string;
  private readonly lab: HostSpec;
  private readonly any: HostSpec;
  private readonly reports = new Map<string, Report>();

  /** `lab`: QEMU's own time where most rows were measured; `any`: what is known of the machines of the others. */
  constructor(folder: string, lab: HostSpec, any: HostSpec) {
    this.folder = folder;
    this.lab = lab;
    this.any = any;
  }

  /** By name, in the order of the page. */
  readonly blocks: Readonly<Record<string, () => string>> = {
    certainty: () =>
      certaintyTable((file, fitted) => this.errors(file, fitted), spreadOf(this.report('spells.csv'))),
    times: () => this.times(Object.keys(TIMES)),
    groups: () =>
      ['store.csv', 'punch.csv', 'scan.csv', 'handover.csv', 'file.csv'].map(this.table).join('\n\n'),
    bad: () => this.bad(Object.keys(TIMES).filter((file) => file !== 'file.csv')),
    holdout: () => this.times(this.holdout()),
    'holdout-rows': () => this.holdoutRows(),
    hosts: () => this.times([...HOSTS, ...this.holdout()], true),
    sequences: () => SEQUENCES.map(this.table).join('\n\n'),
    touches: () => this.table('dirty_windows.csv'),
    'pre-flush': () => this.table('preflush.csv'),
    outcomes: () => FATES.map(this.table).join('\n\n'),
    spells: () => this.table('spells.csv'),
    together: () => this.table('together.csv'),
    ram: () => this.table('ram.csv'),
    'ram-ways': () => this.table('ram-ways.csv'),
    mirror: () => this.table('mirror.csv'),
    'mirror-writes': () => this.table('mirror-writes.csv'),
    stacks: () => this.table('stacks.csv'),
  };

  /** By file name without ending. */
  figures(): Readonly<Record<string, Drawing>> {
    const points = Object.entries(TIMES).flatMap(([file, group]) =>
      predictedPoints(this.report(file).json.rows, group),
    );
    return { predicted: drawPredicted(points)!, errors: drawErrors(points, NOISE_MS)! };
  }

  /** `fitted`: with a host fitted to the other configurations of the file, in place of the lab's. */
  private report(file: string, fitted = false): Report {
    const key = `${file} ${fitted}`;
    const known = this.reports.get(key);
    if (known) return known;
    const path = join(this.folder, file);
    const report = validate(
      readFileSync(path, 'utf8'),
      file,
      { ...OPTIONS, host: fitted ? 'auto' : this.lab, prior: fitted ? this.any : this.lab },
      readSiblings(path),
    );
    this.reports.set(key, report);
    return report;
  }

  private errors(file: string, fitted = false): TimeErrors {
    const { errors } = this.report(file, fitted);
    if (!errors) throw new Error(`${file} holds no times`);
    return errors;
  }

  private holdout(): string[] {
    return readdirSync(this.folder)
      .filter((name) => /^holdout-.*\.csv$/.test(name))
      .sort();
  }

  private times(files: readonly string[], fitted = false): string {
    const columns = [
      'file',
      `n ≥ ${OPTIONS.minMs} ms`,
      'median',
      'p90',
      'max',
      'bias',
      'inside 95 %',
      'n shorter',
      'p90 of those, ms off',
      `wrong at ${OPTIONS.budgetMs} ms`,
      'counts differ',
    ];
    const rows = files.flatMap((file): Cells[] => {
      const report = this.errors(file, fitted);
      const { source } = report;
      return [
        [`\`${file}\``, ...errorCells(report), String(report.op_count_mismatches ?? '–')],
        ...(source ? [[`its source side`, ...errorCells(source), '–']] : []),
      ];
    });
    return markdownTable(columns, rows);
  }

  private readonly table = (file: string): string => {
    const { table, remarks } = this.report(file);
    const [first, ...columns] = table.columns;
    return [markdownTable([`\`${file}\`: ${first}`, ...columns], table.rows), ...remarks].join('\n\n');
  };

  private bad(files: readonly string[]): string {
    const bad = files.flatMap((file) =>
      this.errors(file)
        .rows.filter((row) => row.measured_ms >= OPTIONS.minMs && row.ape > BAD)
        .map((row): Cells => [`\`${file}\` ${row.config} ${row.phase}`, ...rowCells(row)]),
    );
    return markdownTable(['configuration', ...ROW_COLUMNS], bad);
  }

  private holdoutRows(): string {
    const rows = this.holdout().flatMap((file) =>
      this.errors(file).rows.map((row): Cells => [`${row.config} ${row.phase}`, ...rowCells(row)]),
    );
    return markdownTable(['configuration', ...ROW_COLUMNS], rows);
  }
}

function spreadOf({ json: { cells, coverage95 } }: Report): SpreadKnown {
  return { cells: Number(cells), coverage95: Number(coverage95) };
}

function errorCells(report: ErrorReport): Cells {
  return [
    String(report.n),
    percent(report.median_ape),
    percent(report.p90_ape),
    percent(report.max_ape),
    percent(report.bias_pct),
    percent(report.coverage95),
    String(report.short.n),
    milliseconds(report.short.p90_abs_ms),
    String(report.wrong_verdicts),
  ];
}

const ROW_COLUMNS = ['measured', 'least … most', 'predicted', '95 % interval', 'error'];

function rowCells(row: ErrorRow): Cells {
  const range = (low: number, high: number): string =>
    `${milliseconds(low).replace(' ms', '')} … ${milliseconds(high)}`;
  return [
    milliseconds(row.measured_ms),
    range(row.measured_least_ms, row.measured_most_ms),
    milliseconds(row.predicted_ms),
    range(row.lo_ms, row.hi_ms),
    percent((row.predicted_ms - row.measured_ms) / row.measured_ms),
  ];
}
