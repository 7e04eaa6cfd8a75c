/** What drove a sweep, from its rows alone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driversCsv, driversText } from '../../src/output/drivers-text.js';
import { shown } from '../../src/output/figures/data.js';
import { drawFigures, figureData } from '../../src/output/figures/draw-all.js';
import { driversFigure } from '../../src/output/figures/sensitivity.js';
import { formatTable } from '../../src/output/table.js';
import { type Drivers, driversIn } from '../../src/sweep/drivers.js';
import { makeExperiment } from '../../src/sweep/experiment/experiment.js';
import { experimentSchema } from '../../src/sweep/experiment/schema.js';
import { recordInto } from '../../src/sweep/results/record.js';
import { InlineExecutor } from '../../src/sweep/run/executor.js';
import { makePlan } from '../../src/sweep/run/plan.js';

const dir = mkdtempSync(join(tmpdir(), 'stopgap-drivers-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const FILE = experimentSchema.parse({
  question: 'what drives a store where nothing is random?',
  base: {
    storage: 'ideal-1ms',
    host: 'zero',
    workload: 'idle',
    bitmaps: { dirty: '100%' },
    strategies: 'store-at-stop',
    disk: { size: '256G' },
    budget: '250ms',
  },
  axes: {
    'flush-latency': { from: '1ms', to: '8ms', steps: 2, scale: 'log' },
    'bitmaps.count': { from: 1, to: 4, steps: 2 },
    link: ['10gbit', '25gbit'],
  },
  design: { sobol: 128 },
  replications: 1,
});

let found: readonly Drivers[];
beforeAll(async () => {
  const source = { name: 'drivers', file: FILE, overrides: {} };
  const plan = await makePlan(makeExperiment(source));
  await recordInto(join(dir, 'r'), { plan, executor: new InlineExecutor(), shard: { index: 1, of: 1 } });
  found = driversIn(join(dir, 'r'), 'downtime_ms', shown);
}, 60_000);

describe('drivers of a sweep', () => {
  it('are the axes, each with its share', () => {
    const [store] = found;
    expect(store).toMatchObject({ strategy: 'store-at-stop', points: 128, runs: 128 });
    const first = Object.fromEntries(store!.drivers.map((each) => [each.path, each.first]));
    expect(first['flush-latency']).toBeGreaterThan(0.4);
    expect(first['bitmaps.count']).toBeGreaterThan(0.1);
    expect(first.link).toBeLessThan(0.05);
  });

  it('tell what each has a part in, since latency times bitmaps is a smooth surface', () => {
    const { drivers, foretold } = found[0]!;
    expect(foretold).toBeGreaterThan(0.99);
    for (const { path, first, total, total_ci95 } of drivers) {
      if (path === 'link') expect(total).toBeLessThan(0.01);
      else expect(total).toBeGreaterThan(first);
      expect(total_ci95![1] - total_ci95![0]).toBeLessThan(0.1);
    }
  });

  it('are told in words, in SALib’s columns, and as bars', () => {
    const words = driversText(found[0]!, formatTable);
    expect(words).toMatch(/% of the variance comes of flush-latency/);
    expect(words).toMatch(/Too much where \S+ is /);
    const [head, ...rows] = driversCsv(found).trim().split(/\r?\n/);
    expect(head).toBe('strategy,variant,output,names,S1,S1_conf,ST,ST_conf');
    expect(words).toMatch(/In all: of a surface through the points, which foretells \d+ %/);
    expect(rows).toHaveLength(3);
    expect(driversFigure(found[0]!).title).toContain('flush-latency');
  });

  it('refuse a column that is not there', () => {
    expect(() => driversIn(join(dir, 'r'), 'downtme_ms', shown)).toThrow("no column 'downtme_ms'");
  });

  it('are drawn as points, a figure an axis, without a line through them', async () => {
    const data = { ...figureData(join(dir, 'r')), scattered: ['flush-latency', 'bitmaps.count', 'link'] };
    const figures = await drawFigures(data, []);
    expect(figures.map(({ name }) => name)).toEqual(['downtime', 'downtime-2', 'downtime-3']);
    const lines = (svg: string): number => [...svg.matchAll(/aria-label="line"/g)].length;
    expect(figures.map(({ svg }) => lines(svg))).toEqual([0, 0, 0]);
    const [joined] = await drawFigures(figureData(join(dir, 'r')), [
      { type: 'downtime', x: 'flush-latency' },
    ]);
    expect(lines(joined!.svg)).toBeGreaterThan(0);
  });
});
