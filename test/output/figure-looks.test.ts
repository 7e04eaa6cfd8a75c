/** Colours belong to what they stand for; scales and panels follow one rule each. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lookOf, PRESET_LOOKS, strategyLook } from '../../src/output/figures/palette.js';
import { FIGURES } from '../../src/output/figures/registry.js';
import { countScale, measuredScale, parameterScale } from '../../src/output/figures/scales.js';
import { linesOf, metricColumns } from '../../src/output/figures/series.js';
import { splitOf } from '../../src/output/figures/split.js';
import { DEFINITIONS, proposedMark } from '../../src/sim/strategies/lookup.js';
import type { Row } from '../../src/sweep/results/csv.js';

const rows = (cells: readonly Record<string, string>[]): Row[] =>
  cells.map((each, i) => ({
    point: String(i),
    strategy: 'store-at-stop',
    n: '2',
    not_converged: '0',
    budget_ms: '300',
    downtime_mean_ms: String(100 + i),
    ...each,
  }));

/** The colour of every line by its name, where only some rows are drawn. */
function coloursOf(drawn: readonly Row[], all: readonly Row[], by: string): Record<string, string> {
  const spec = { type: 'downtime', by } as const;
  const split = splitOf(drawn, spec, ['disk_bytes']);
  const metric = metricColumns('downtime_ms');
  const lines = linesOf({ rows: drawn, all, xColumn: 'disk_bytes', metric, split });
  return Object.fromEntries(lines.map(({ name, colour }) => [name, colour]));
}

describe('a colour belongs to its value', () => {
  test.each([
    ['storage', 'storage', ['nvme-plp', 'hdd-7200', 'my-own-disk', 'another']],
    ['workload.write-iops', 'workload_write_iops', ['10', '100', '1000', '10000']],
    ['pre-flush.pending', 'pre_flush_pending', ['off', 'on', 'bytes', 'bits']],
    ['stack', 'stack', ['libvirt-store', 'ovirt', 'proxmox-pbs']],
  ])('%s: whatever else is drawn, and in whatever order', (path, column, values) => {
    const all = rows(values.flatMap((value) => [{ [column]: value, disk_bytes: '1' }]));
    const whole = coloursOf(all, all, path);
    expect(new Set(Object.values(whole)).size).toBe(values.length);
    expect(coloursOf([...all].reverse(), all, path)).toEqual(whole);
    for (const one of all) {
      const [[name, colour]] = Object.entries(coloursOf([one], all, path)) as [[string, string]];
      expect(colour).toBe(whole[name]);
    }
  });
  test.each([
    ['storage', 'models/storage'],
    ['stack', 'models/stacks'],
  ])('every shipped %s has a look of its own', (column, folder) => {
    const presets = readdirSync(folder).map((name) => name.replace('.yaml', ''));
    const looks = presets.map((name) => JSON.stringify(lookOf(column, name, presets)));
    expect(new Set(looks).size).toBe(presets.length);
    expect(Object.keys(PRESET_LOOKS[column]!).filter((name) => !presets.includes(name))).toEqual([]);
  });
  test('every strategy has a colour of its own', () => {
    const strategies = DEFINITIONS.flatMap(({ name, variants }) =>
      variants.map((variant) => name + (variant.name ? `/${variant.name}` : '') + proposedMark(name)),
    );
    const colours = strategies.map((name) => strategyLook(name).colour);
    expect(new Set(colours).size).toBe(strategies.length);
  });
});

describe('a second axis makes panels', () => {
  const all = rows(
    ['nvme-plp', 'hdd-7200'].flatMap((storage) =>
      ['1', '7'].flatMap((bitmaps) => ['1', '2'].map((disk_bytes) => ({ storage, bitmaps, disk_bytes }))),
    ),
  );
  test('and never names made of two values', () => {
    expect(splitOf(all, {}, ['disk_bytes'])).toEqual({ colour: 'storage', panels: ['bitmaps'] });
    expect(splitOf(all, { by: 'bitmaps.count' }, ['disk_bytes'])).toEqual({
      colour: 'bitmaps',
      panels: ['storage'],
    });
    expect(splitOf(all, { facet: 'storage' }, ['disk_bytes'])).toEqual({
      colour: 'bitmaps',
      panels: ['storage'],
    });
  });
  test('what follows from another column makes none', () => {
    const zipped = all.map((row) => ({
      ...row,
      stack: row.storage === 'nvme-plp' ? 'ovirt' : 'proxmox-pbs',
    }));
    const { colour, panels } = splitOf(zipped, {}, ['disk_bytes']);
    expect([colour, ...panels].sort()).toEqual(['bitmaps', 'stack']);
  });
  test('points of a design that is no grid are not joined, nor split', () => {
    const spread = all.map((row, i) => ({ ...row, disk_bytes: String(100 + i) }));
    expect(splitOf(spread, {}, ['disk_bytes'], true)).toEqual({ colour: undefined, panels: [] });
    const data = { summary: spread, scattered: ['disk.size'], runs: () => [] };
    for (const type of ['downtime', 'strategies'] as const) {
      const { options, title } = FIGURES[type].draw(data, { type, x: 'disk.size' })!;
      expect(title).toBe('0 of 8 points are over 300 ms: the downtime is 100 ms to 107 ms');
      const marks = (options.marks as object[]).map((mark) => mark.constructor.name);
      expect(marks).not.toContain('Line');
    }
  });
});

describe('settings in words', () => {
  test('stand in the order of the experiment, also where the first line has no point at the first of them', () => {
    const links = ['1gbit', '10gbit', '100gbit'];
    const all = rows(
      ['dont-store', 'store-at-stop'].flatMap((strategy) =>
        links.map((link) => {
          const never = strategy === 'dont-store' && link === links[0];
          return { strategy, link, not_converged: never ? '2' : '0' };
        }),
      ),
    );
    const { options } = FIGURES.downtime.draw(
      { summary: all, runs: () => [] },
      { type: 'downtime', x: 'link' },
    )!;
    expect((options.x as { domain: string[] }).domain).toEqual(links);
  });
});

describe('logarithmic where values span decades', () => {
  test('a measured axis', () => {
    expect(measuredScale([10, 119], 8).type).toBe('linear');
    expect(measuredScale([10, 120], 8).type).toBe('log');
    expect(measuredScale([0, 10, 1000], 8).type).toBe('linear');
  });
  test('where some values are nothing, with nothing at its foot', () => {
    const { type, domain, ticks, zeroAt } = countScale([0, 10, 1000], 8);
    expect(type).toBe('log');
    expect(zeroAt).toBe(domain[0]);
    expect(ticks[0]).toBe(zeroAt);
    expect(zeroAt).toBeLessThan(10);
    expect(countScale([0, 10, 20], 8)).toEqual(measuredScale([0, 10, 20], 8));
  });
  test('never where some are below nothing, and then the axis reaches down to them', () => {
    for (const scale of [measuredScale, countScale]) {
      const { type, domain, ticks } = scale([-20, 0, 1000], 8);
      expect(type).toBe('linear');
      expect(domain[0]).toBeLessThanOrEqual(-20);
      expect(domain[1]).toBeGreaterThanOrEqual(1000);
      expect(ticks).toContain(0);
      expect(scale([-30, -10], 8).domain).toEqual([-30 * 1.08, 0]);
    }
  });
  test('an axis over settings that grow by a factor', () => {
    expect(parameterScale(['1', '2', '4', '8']).type).toBe('log');
    expect(parameterScale(['1', '2', '3', '4']).type).toBe('linear');
    // Settings that are so close that their labels would run into each other have one label.
    expect(parameterScale(['10', '100', '1000', '1500', '2000', '3000'], 14).ticks).toEqual([
      10, 100, 1000, 2000, 3000,
    ]);
    expect(parameterScale(['1', '40']).type).toBe('log');
  });
});
