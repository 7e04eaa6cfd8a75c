import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.js';

const QUICK = ['--disk', '16G', '--replications', '1', '--storage', 'ceph-nvme'];
const NAMES: Record<string, string> = {
  'store-at-stop': 'store',
  'dont-store/stream': 'stream',
  'dont-store/postcopy': 'stream-postcopy',
  'dont-store/drop': 'transient',
};

describe('outcomes', () => {
  it('keeps the JSON contract: every measured cell, in its words', async () => {
    const { code, out } = await inProcess('outcomes', ...QUICK, '--qemu', '7.2', '--json');
    expect(code).toBe(0);
    const { cells, costs } = JSON.parse(out);
    expect(costs.strategies).toEqual([]);
    expect(costs.missing.join()).toContain('--failure-probability');
    const have = new Map<string, Record<string, unknown>>();
    for (const cell of cells) {
      const label = cell.variant === null ? cell.strategy : `${cell.strategy}/${cell.variant}`;
      const name = label === 'dont-store/stream' && !cell.persistent ? 'stream-transient' : NAMES[label];
      if (name) have.set(`${cell.outcome}/${name}/${cell.history}`, cell);
    }
    const rows = ['outcomes.csv', 'outcomes-more.csv'].flatMap((file): Record<string, string>[] =>
      parse(readFileSync(`results/validation/${file}`), { columns: true }),
    );
    expect(rows.length).toBe(cells.filter(({ measured }: { measured: boolean }) => measured).length);
    for (const { config, outcome: _o, strategy: _s, history: _h, ...row } of rows) {
      const cell = have.get(config!)!;
      expect(Object.fromEntries(Object.keys(row).map((key) => [key, String(cell[key] ?? '')]))).toEqual(row);
      expect(cell).toMatchObject({ measured: true });
    }
    expect(cells.some((cell: { strategy: string }) => cell.strategy === 'pre-flush')).toBe(true);
  });

  it('with everything mended nothing is wrong', async () => {
    const { out } = await inProcess('outcomes', ...QUICK, '--qemu', 'fixed', '--json');
    expect(out).not.toContain('"wrong"');
    expect(JSON.parse(out).cells.length).toBeGreaterThan(200);
  });

  it('tells people', async () => {
    const { code, out } = await inProcess('outcomes', ...QUICK);
    expect(code).toBe(0);
    // What it comes to stands first, then a line a strategy: 2 of 2 and wrong once there, never wrong here.
    expect(out).toMatch(/^Storing keeps what streaming loses at the next restart: cancel-quit, /);
    expect(out).toMatch(/a full backup follows .*under dont-store\/stream \(and wrong, unnoticed, after 1\)/);
    expect(out).toMatch(/^strategy +success +before stop .* wrong +down +longest stop$/m);
    expect(out).toMatch(/^store-at-stop +1 of 4 .* - +\. +4 +[\d.]+ m?s\*?$/m);
    expect(out.split('\n').length).toBeLessThan(25);
  });

  it('tells every outcome where that is asked for', async () => {
    const { out } = await inProcess('outcomes', ...QUICK, '--detail');
    expect(out).toMatch(/^Storing keeps/);
    expect(out).toMatch(/^two-masters-kill +-D- FULL\/FULL .*!D! WRONG\/WRONG/m);
    expect(out).toMatch(/^cancel-quit +S-I inc\/inc no stop .*S-- inc\/FULL no stop/m);
  });

  it('answers costs and a fault by themselves', async () => {
    const costs = (await inProcess('outcomes', ...QUICK, '--failure-probability', 'cancel-quit=2%')).out;
    expect(costs).toMatch(/^Expected per migration/);
    const fault = (await inProcess('outcomes', ...QUICK, '--fault', 'destination-dies@1ms')).out;
    expect(fault).toMatch(/^destination-dies 1 ms after the migration begins\nstrategy/);
    for (const out of [costs, fault]) expect(out).not.toMatch(/Storing keeps|success|two-masters/);
  });

  it('counts what failures cost', async () => {
    const args = ['--failure-probability', 'cancel-quit=3/200', '--failure-probability', 'store-eio=1%'];
    const more = ['--vms', '1000', '--migrations-per-year', '12', '--backup-rate', '200MiB/s'];
    const { code, out } = await inProcess(
      'outcomes',
      ...QUICK,
      ...args,
      ...more,
      '--backup-bytes',
      '2T',
      '--json',
    );
    expect(code).toBe(0);
    const { costs } = JSON.parse(out);
    const of = (strategy: string, variant: string | null) =>
      costs.strategies.find(
        (each: { strategy: string; variant: string | null }) =>
          each.strategy === strategy && each.variant === variant,
      );
    expect(costs.missing).toEqual([]);
    expect(of('dont-store', 'stream').per_migration.full_backups.value).toBeCloseTo(0.015, 12);
    expect(of('store-at-stop', null).per_migration.full_backups.value).toBe(0);
    const hours = (180 * (2 * 2 ** 40)) / (200 * 2 ** 20) / 3600;
    expect(of('dont-store', 'stream').per_year.full_backup_hours.mean).toBeCloseTo(hours, 6);
  });

  it('tells what one fault at one time comes to', async () => {
    const at = async (time: string): Promise<string[]> => {
      const { out } = await inProcess('outcomes', ...QUICK, '--fault', `destination-dies@${time}`, '--json');
      return JSON.parse(out).fault.cells.map((cell: { outcome: string }) => cell.outcome);
    };
    expect(new Set(await at('1ms'))).toEqual(new Set(['dst-dies-running']));
    expect(new Set(await at('1d'))).toEqual(new Set(['ok-kill']));
  });

  it.each([
    [['--fault', 'destination-dies'], /FAULT@TIME/],
    [['--failure-probability', 'nonsense=1%'], /'nonsense' is not an outcome/],
    [['--vms', '0'], /--vms: '0'/],
    [['--migrations-per-year', '1e7'], /--migrations-per-year: '1e7'/],
    [['--backup-bytes', '0'], /--backup-bytes: '0'/],
    [['--strategy', 'none'], /--strategy: 'none'/],
    [['--fault-rate', 'cancel=1/h', '--failure-probability', 'ok-kill=1%'], /cannot be given too/],
    [['--backup-rate', 'unlimited'], /--backup-rate/],
  ])('refuses %j in one line', async (args, message) => {
    const { code, out, err } = await inProcess('outcomes', ...QUICK, ...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err.trim().split('\n').at(-1)).toMatch(message);
  });
});
