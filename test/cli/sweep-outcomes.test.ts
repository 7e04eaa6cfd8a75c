import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseCsv, type Row, toRow } from '../../src/sweep/results/csv.js';
import { inProcess } from '../support/in-process.js';
import { stopgap } from '../support/stopgap.js';

const directory = mkdtempSync(join(tmpdir(), 'stopgap-outcomes-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const experiment = join(directory, 'x.yaml');
writeFileSync(
  experiment,
  `question: what becomes of it
base: { flush-latency: 0.5ms, disk: { size: 256G }, bitmaps: { dirty: 50% }, strategies: [store-at-stop, dont-store/stream] }
axes: { qemu: ['7.2', fixed] }
replications: 3
`,
);

const sweep = (out: string, ...more: string[]) =>
  inProcess('sweep', experiment, '--no-figures', '--out', join(directory, out), ...more);
/** In this process. */
const ALONE = ['--jobs', '1'];
const text = (out: string, file = 'runs.csv'): string => readFileSync(join(directory, out, file), 'utf8');
function rows(out: string): Row[] {
  const [header, ...records] = parseCsv(text(out), out);
  return records.map((record) => toRow(header!, record));
}

describe('sweep over outcomes', () => {
  it('gives the same bytes for one job and for two, with the words of `outcomes` in the rows', async () => {
    const axis = ['--axis', 'outcome=ok-quit,cancel-quit,two-masters-kill'];
    expect((await sweep('one', ...axis, ...ALONE)).code).toBe(0);
    expect(
      stopgap('sweep', experiment, '--no-figures', '--out', join(directory, 'two'), ...axis, '--jobs', '2')
        .code,
    ).toBe(0);
    expect(text('two')).toBe(text('one'));
    expect(text('two', 'summary.csv')).toBe(text('one', 'summary.csv'));
    const found = rows('one').filter((row) => row.replication === '0' && row.strategy !== 'none');
    const told = (qemu: string, outcome: string): string[] =>
      found
        .filter((row) => row.qemu === qemu && row.outcome === outcome)
        .map((row) => `${row.strategy}: ${row.source} ${row.backup_live}/${row.backup_after_boot}`);
    expect(told('7.2', 'cancel-quit')).toEqual([
      'store-at-stop: exact incremental/incremental',
      'dont-store: exact incremental/full',
    ]);
    expect(told('7.2', 'two-masters-kill')).toEqual([
      'store-at-stop: inconsistent full/full',
      'dont-store: wrong wrong/wrong',
    ]);
    expect(told('fixed', 'two-masters-kill')).toEqual([
      'store-at-stop: inconsistent full/full',
      'dont-store: inconsistent full/full',
    ]);
    for (const row of found)
      if (row.outcome === 'ok-quit')
        expect(Number(row.path_downtime_ms)).toBeCloseTo(Number(row.downtime_ms), 5);
    expect(text('one', 'summary.csv').split('\n')[0]).toContain('full_backups_mean');
  });

  it('a sweep without them has none of the columns, and both may share a directory', async () => {
    expect((await sweep('shared', ...ALONE)).code).toBe(0);
    expect(Object.keys(rows('shared')[0]!)).not.toContain('survivor');
    expect(text('shared', 'summary.csv').split('\n')[0]).not.toContain('path_downtime');
    const plain = text('shared');
    expect((await sweep('shared', '--axis', 'outcome=cancel-quit', ...ALONE)).code).toBe(0);
    expect(rows('shared').map((row) => row.survivor)).toContain('src');
    const back = await sweep('shared', '--json', ...ALONE);
    expect(JSON.parse(back.out)).toMatchObject({ fresh: 0 });
    expect(text('shared')).toBe(plain);
  });

  it('a row can be run again', async () => {
    expect((await sweep('again', '--set', 'fault-rate=cancel=1/s,storage-fails=1/s', ...ALONE)).code).toBe(0);
    const row = rows('again').find((each) => each.strategy === 'store-at-stop' && each.replication === '2')!;
    const again = await inProcess('repro', join(directory, 'again'), row.run_id!);
    expect([again.code, again.err]).toEqual([0, '']);
  });
});

describe('run', () => {
  const scenario = join(directory, 'scenario.yaml');
  writeFileSync(
    scenario,
    'flush-latency: 0.5ms\ndisk: { size: 256G }\noutcome: cancel-quit\nreplications: 2\n',
  );

  it('adds what becomes of the bitmap where the scenario asks for an outcome', async () => {
    const { out, code } = await inProcess('run', scenario);
    expect(code).toBe(0);
    expect(out).toMatch(/store-at-stop +cancel-quit +2 of 2 +S-I inc\/inc no stop/);
    expect(out).toMatch(/dont-store\/stream +cancel-quit +2 of 2 +S-- inc\/FULL no stop/);
    const { outcomes } = JSON.parse((await inProcess('run', scenario, '--json')).out);
    expect(outcomes).toHaveLength(5);
    expect(outcomes[3]).toMatchObject({ strategy: 'store-at-stop', boot: 'exact', replications: 2, of: 2 });
  });
});
