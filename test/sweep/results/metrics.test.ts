/** Each metric stands in one list (src/sim/machine/metrics.ts); every place that shows results follows it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { METRIC_NAMES, metricRow, noCounts } from '../../../src/sim/machine/measure.js';
import { PHASES } from '../../../src/sim/machine/phases.js';
import { judge } from '../../../src/study/answer/answer.js';
import { runReplication } from '../../../src/study/run.js';
import { runColumns } from '../../../src/sweep/results/columns.js';
import { csvText } from '../../../src/sweep/results/csv.js';
import { writeDerivedFiles } from '../../../src/sweep/results/derived-files.js';
import { RUN_METRICS } from '../../../src/sweep/results/metric-columns.js';
import { unitOf } from '../../../src/sweep/results/parameter-columns.js';
import { summaryColumns } from '../../../src/sweep/results/summary.js';
import { InlineExecutor } from '../../../src/sweep/run/executor.js';
import { calm } from '../../support/situation.js';

const PHASE_COLUMNS = PHASES.map((phase) => `phase_${phase}_ms`);

/** The columns as files have had them since they were first published; what comes later stands behind or between. */
const COLUMNS = [
  'downtime_ms',
  'bitmap_downtime_ms',
  'source_downtime_ms',
  'bitmap_source_downtime_ms',
  'migration_ms',
  ...PHASE_COLUMNS,
  'bitmap_ready_ms',
  'clusters_written',
  'store_writes',
  'store_reads',
  'store_punches',
  'store_flushes',
  'bytes_written_running',
  'bytes_written_stopped',
  'stream_bytes',
  'ram_left_bytes',
  'stale_chunks_at_stop',
  'bits_set_at_stop',
  'first_touches',
  'guest_writes',
  'guest_slowdown',
];

/** The keys of a strategy in `ask --json`, likewise. */
const KEYS = [
  ...['strategy', 'variant', 'state', 'reason', 'replications', 'deterministic'],
  ...['downtime_ms', 'bitmap_downtime_ms', 'source_downtime_ms', 'bitmap_source_downtime_ms'],
  ...['phases_ms', 'p_over_budget', 'bytes_written_running', 'bytes_written_stopped', 'stream_bytes'],
  ...['clusters_written', 'store_writes', 'store_reads', 'store_punches', 'store_flushes'],
  ...['stale_chunks_at_stop', 'guest_slowdown', 'first_touches', 'bits_set_at_stop', 'migration_ms'],
  ...['bitmap_ready_ms', 'verdict'],
];

/** Without the names that came later. */
const known = (names: readonly string[], published: readonly string[]): readonly string[] =>
  names.filter((name) => published.includes(name));

/** The columns that stand for a metric. */
const columnsOf = (name: (typeof METRIC_NAMES)[number]): readonly string[] =>
  name === 'phasesNs' ? PHASE_COLUMNS : [metricRow(name).column];

interface Package {
  readonly resources: readonly {
    readonly schema: { readonly fields: readonly { readonly name: string; readonly description: string }[] };
  }[];
}

/** The fields of runs.csv and of summary.csv in datapackage.json. */
async function packagedFields() {
  const directory = mkdtempSync(join(tmpdir(), 'stopgap-metrics-'));
  try {
    const columns = runColumns(new Set());
    writeFileSync(join(directory, 'runs.csv'), csvText([columns.map(({ name }) => name)]));
    const executor = new InlineExecutor();
    await writeDerivedFiles(directory, { name: 'test', title: 'Test', columns, executor });
    const text = readFileSync(join(directory, 'datapackage.json'), 'utf8');
    const [runs, summary] = (JSON.parse(text) as Package).resources.map(({ schema }) => schema.fields);
    return { runs: runs!, summary: summary! };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('metrics', () => {
  it('keep the order of the columns of runs.csv, with the unit that the name ends in', () => {
    expect(
      known(
        RUN_METRICS.map(({ name }) => name),
        COLUMNS,
      ),
    ).toEqual(COLUMNS);
    for (const { name, unit } of RUN_METRICS)
      expect([name, unit]).toEqual([name, name === 'guest_slowdown' ? '1' : unitOf(name)]);
  });

  it('keep the order of the keys of `ask --json`', async () => {
    const { strategies } = judge(await calm({ 'disk.size': '1T' }));
    for (const strategy of strategies) expect(known(Object.keys(strategy), KEYS)).toEqual(KEYS);
    expect(Object.keys(strategies[0]!.phases_ms)).toEqual([...PHASES]);
  });

  it.each(METRIC_NAMES)('%s is in runs.csv, summary.csv, datapackage.json and `ask --json`', async (name) => {
    const runs = runColumns(new Set());
    const summary = summaryColumns(runs);
    const packaged = await packagedFields();
    for (const column of columnsOf(name)) {
      expect(runs.map((each) => each.name)).toContain(column);
      const mean = column.replace(/(_bytes|_ms)?$/, '_mean$1');
      expect(summary.map((each) => each.name)).toContain(mean);
      expect(packaged.runs.find((field) => field.name === column)?.description).toContain(
        metricRow(name).meaning,
      );
      expect(packaged.summary.map((field) => field.name)).toContain(mean);
    }
    const [strategy] = judge(await calm({ 'disk.size': '1T' })).strategies;
    const told = Object.keys(strategy!).includes(metricRow(name).column);
    expect(told).toBe(metricRow(name).ask !== 'none');
  });

  it('are numbers in every run, but for those that may have none', async () => {
    const { scenario, strategies, seed } = await calm({ 'disk.size': '1T' });
    for (const { metrics } of runReplication(scenario, strategies, seed, 0)) {
      expect(Object.keys(metrics).sort()).toEqual([...METRIC_NAMES].sort());
      for (const name of METRIC_NAMES) {
        if (name === 'phasesNs') continue;
        const value = metrics[name];
        expect(value === null ? metricRow(name).nullable : Number.isFinite(value)).toBe(true);
      }
    }
  });

  it('that are counted begin at zero', () => {
    const counted = METRIC_NAMES.filter((name) => metricRow(name).counted);
    expect(counted).toContain('storePunches');
    expect(Object.keys(noCounts())).toEqual(counted);
    expect(new Set(Object.values(noCounts()))).toEqual(new Set([0]));
  });
});
