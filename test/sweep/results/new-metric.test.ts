/** A metric is one row: with a row more, which follows from what a run knows, every place that shows results has it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { MetricRow, Pair, RunEnd } from '../../../src/sim/machine/metrics.js';
import { printed } from '../../support/in-process.js';

vi.mock('../../../src/sim/machine/metrics.js', async (original) => {
  const { METRICS } = await original<typeof import('../../../src/sim/machine/metrics.js')>();
  const requests: MetricRow = {
    column: 'store_requests',
    label: 'requests of the store, all kinds',
    kind: 'count',
    measured: ({ counters }: RunEnd) =>
      counters.storeWrites + counters.storeReads + counters.storePunches + counters.storeFlushes,
    summary: 'spread',
    meaning: 'requests of the store inside the stop',
  };
  const longer: MetricRow = {
    column: 'longer_share',
    kind: 'ratio',
    compared: ({ own, reference }: Pair) => own.downtimeNs / reference.downtimeNs,
    ask: 'spread',
    meaning: 'downtime over that of strategy none',
  };
  return { METRICS: { ...METRICS, storeRequests: requests, longerShare: longer } };
});

const dir = mkdtempSync(join(tmpdir(), 'stopgap-new-metric-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const CALM = ['--storage', 'ideal-1ms', '--workload', 'idle', '--dirty', '100%', '--disk', '256G'];

describe('a metric more', () => {
  it('is in `ask --json`, right', async () => {
    const { strategies } = JSON.parse(await printed('ask', ...CALM, '--json'));
    const store = strategies.find((each: { strategy: string }) => each.strategy === 'store-at-stop');
    const kinds = ['writes', 'reads', 'punches', 'flushes'].map((kind) => store[`store_${kind}`] as number);
    expect(store.store_requests).toBe(kinds.reduce((sum, count) => sum + count, 0));
    expect(store.store_requests).toBeGreaterThan(10);
    const without = store.downtime_ms.mean - store.bitmap_downtime_ms.mean;
    expect(store.longer_share.mean).toBeCloseTo(store.downtime_ms.mean / without, 6);
  });

  it('is in the tables of `run`, in runs.csv, summary.csv, datapackage.json, and can be drawn', async () => {
    const scenario = join(dir, 's.yaml');
    writeFileSync(scenario, 'disk: {size: 64G}\nstorage: ideal-1ms\nworkload: idle\nreplications: 2\n');
    expect(await printed('run', scenario)).toMatch(/^requests of the store, all kinds .* [1-9]/m);

    const file = join(dir, 'x.yaml');
    writeFileSync(
      file,
      `question: how many?
base: {storage: ideal-1ms, workload: idle, bitmaps: {dirty: 100%}, strategies: [store-at-stop]}
axes: {disk.size: [64G, 256G]}
replications: 2
figures: [{type: strategies, x: disk.size, metric: store_requests}]
`,
    );
    const out = join(dir, 'out');
    await printed('sweep', file, '--jobs', '1', '--out', out);
    const read = (name: string): Record<string, string>[] =>
      parse(readFileSync(join(out, name)), { columns: true });
    expect(Number(read('runs.csv').at(-1)!.store_requests)).toBeGreaterThan(0);
    expect(Number(read('summary.csv').at(-1)!.store_requests_p50)).toBeGreaterThan(0);
    expect(read('summary.csv')[0]).toHaveProperty('longer_share_mean');
    expect(readFileSync(join(out, 'datapackage.json'), 'utf8')).toContain(
      'requests of the store inside the stop',
    );
    expect(readFileSync(join(out, 'figures', 'strategies.svg'), 'utf8')).toContain(
      'requests of the store, all kinds',
    );
  });
});
