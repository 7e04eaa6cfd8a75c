/**
 * Stops on volumes with spells and neighbours of known law (`measure --spells`). What is predicted is how stops are spread: p95
 * of a cell's stops, and the share of them over its budget, each within what 95 % of as many drawn stops have.
 */
import { median, quantile } from 'simple-statistics';
import { countOps } from '../../sim/qcow2/op-counts.js';
import type { HostSpec } from '../../sim/scenario.js';
import { alikeBitmaps, DiskStops, type StopWork } from '../../sim/stop/requests.js';
import { countColumns, countMismatches } from './counts.js';
import type { ValidationKind } from './kind.js';
import { percent } from './report.js';
import { configurationOf, qemuOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';
import { drawStops, setOfStops } from './spells-law.js';
import { checkImage, Work } from './work.js';

interface Figure {
  readonly measured: number;
  readonly predicted: number;
  readonly ci95: readonly [number, number];
  readonly inside: boolean;
}

interface Cell {
  readonly config: string;
  readonly n: number;
  readonly p50_ms: Figure;
  readonly p95_ms: Figure;
  readonly share_over_budget: Figure;
  /** Of single stops, within their own 95 %. */
  readonly singles_inside: number;
  readonly count_mismatches: number;
}

/** Sets of stops that an interval is read from. */
const SETS = 400;

export const spellsKind: ValidationKind = {
  name: 'spells',
  columns: ['measured_stop_ms', 'given_request_us', 'slow_factor'],
  validate({ rows }, options) {
    const host = options.host === 'auto' ? options.prior : options.host;
    const work = new Work();
    const cells = [...groupBy(rows, configurationOf).values()].map((own) => judgeCell(own, host, work));
    const inside = (which: (cell: Cell) => boolean): number => cells.filter(which).length;
    const mismatches = cells.reduce((sum, cell) => sum + cell.count_mismatches, 0);
    const stops = cells.reduce((sum, { n }) => sum + n, 0);
    const singles = cells.reduce((sum, cell) => sum + cell.singles_inside, 0);
    const summary = {
      cells: cells.length,
      stops,
      p50_inside: inside((cell) => cell.p50_ms.inside),
      p95_inside: inside((cell) => cell.p95_ms.inside),
      share_inside: inside((cell) => cell.share_over_budget.inside),
      both_inside: inside((cell) => cell.p95_ms.inside && cell.share_over_budget.inside),
      coverage95: singles / stops,
      op_count_mismatches: mismatches,
    };
    const of = (count: number): string => `${count} of ${cells.length}`;
    return {
      json: { ...summary, rows: cells },
      medianApe: null,
      p90Ape: null,
      mismatches,
      table: {
        columns: [
          'group',
          'cells',
          'p95 / p50, measured',
          'predicted',
          'p95 inside',
          'over budget, measured',
          'predicted',
          'inside',
        ],
        rows: [...groupBy(cells, ({ config }) => config.split(':')[0]!)].map(([group, own]) =>
          groupRow(group, own),
        ),
      },
      remarks: [
        `p95 inside its interval: ${of(summary.p95_inside)} cells; share over budget: ${of(summary.share_inside)}; both: ${of(summary.both_inside)}; p50: ${of(summary.p50_inside)}`,
        `${percent(summary.coverage95)} of ${stops} single stops inside their 95 % interval`,
        `request counts that differ from real QEMU: ${mismatches}`,
        ...cells
          .filter(({ p95_ms, share_over_budget }) => !p95_ms.inside || !share_over_budget.inside)
          .map(outsideText),
      ],
    };
  },
};

function groupRow(group: string, cells: readonly Cell[]): readonly string[] {
  const middle = (of: (cell: Cell) => number): number => median(cells.map(of));
  const count = (of: (cell: Cell) => boolean): string => String(cells.filter(of).length);
  const spread = (key: 'measured' | 'predicted'): string =>
    middle(({ p50_ms, p95_ms }) => p95_ms[key] / p50_ms[key]).toFixed(2);
  const over = (key: 'measured' | 'predicted'): string =>
    percent(cells.reduce((sum, cell) => sum + cell.share_over_budget[key], 0) / cells.length);
  return [
    group,
    String(cells.length),
    spread('measured'),
    spread('predicted'),
    count(({ p95_ms }) => p95_ms.inside),
    over('measured'),
    over('predicted'),
    count(({ share_over_budget }) => share_over_budget.inside),
  ];
}

function outsideText({ config, p95_ms, share_over_budget: share }: Cell): string {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  return [
    `${config}: p95 ${ms(p95_ms.measured)}, predicted ${ms(p95_ms.ci95[0])} to ${ms(p95_ms.ci95[1])}`,
    `over budget ${percent(share.measured, 0)}, predicted ${percent(share.ci95[0], 0)} to ${percent(share.ci95[1], 0)}`,
  ].join('; ');
}

/** All stops of one configuration are alike: replacements of a copy in an image that nothing else changes. */
function judgeCell(rows: readonly MeasuredRow[], host: HostSpec, allWork: Work): Cell {
  const first = rows[0]!;
  const work = replacement(first, allWork);
  const counts = countColumns(countOps(work.ops, 1));
  const drawn = drawStops(first, work, host);
  const measured = rows.map((row) => row.number('measured_stop_ms'));
  const budgetMs = first.number('budget_ms');
  const sets = Array.from({ length: SETS }, (_, i) => setOfStops(drawn, rows.length, i));
  const figure = (of: (stops: number[]) => number): Figure => {
    const values = sets.map(of);
    const ci95 = [quantile(values, 0.025), quantile(values, 0.975)] as const;
    const value = of(measured);
    return {
      measured: value,
      predicted: of(drawn.ms.slice()),
      ci95,
      inside: value >= ci95[0] && value <= ci95[1],
    };
  };
  const single = sets.flat();
  const [least, most] = [quantile(single, 0.025), quantile(single, 0.975)];
  return {
    config: first.name('config'),
    n: rows.length,
    p50_ms: figure((stops) => quantile(stops, 0.5)),
    p95_ms: figure((stops) => quantile(stops, 0.95)),
    share_over_budget: figure((stops) => stops.filter((ms) => ms > budgetMs).length / stops.length),
    singles_inside: measured.filter((ms) => ms >= least && ms <= most).length,
    count_mismatches: rows.filter((row) => countMismatches(row, counts) > 0).length,
  };
}

function replacement(row: MeasuredRow, all: Work): StopWork {
  const granularityBytes = row.number('granularity_bytes');
  const dirtyClusters = row.number('dirty_clusters');
  const image = {
    sizeBytes: row.number('disk_bytes'),
    clusterBytes: row.number('cluster_bytes'),
    allocatedBytes: 0,
  };
  checkImage(row, image, granularityBytes);
  const { stopFlushes } = qemuOf(row);
  const disk = new DiskStops({
    ...image,
    discard: row.number('discard') === 1,
    idleFlushes: 'sent',
    stopFlushes,
  });
  const count = row.number('bitmaps');
  const bitmaps = alikeBitmaps(count, { granularityBytes, dirtyClusters });
  all.stop(row, count, 2 * dirtyClusters);
  disk.source(bitmaps);
  disk.takeBack();
  return disk.source(bitmaps);
}
