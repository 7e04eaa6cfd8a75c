/** The command as a user types it, with stdout and stderr caught. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { inProcess } from '../support/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-workload-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

const fixture = (name: string): string => new URL(`../fixtures/traces/${name}`, import.meta.url).pathname;
const LOG = fixture('iolog-v3.log');

/** What the command line does with the words; errors reject. */
async function type(...words: string[]): Promise<{ out: string; err: string }> {
  const said = await inProcess('workload', ...words);
  if (said.code === 2) throw new InputError(said.err.replace(/^stopgap: /, '').trimEnd());
  if (said.code > 0) throw new Error(said.err);
  return said;
}

describe('stopgap workload', () => {
  it('--json is the contract on stdout, and nothing else', async () => {
    const { out, err } = await type(LOG, '--json', '--window', '500ms', '--chunk', '512');
    const parsed = JSON.parse(out);
    expect(parsed).toMatchObject({
      format: 'iolog',
      writes: 100,
      chunk_bytes: 512,
      granularity_bytes: 65536,
    });
    expect(parsed.windows.map((w: { t_s: number }) => w.t_s)).toEqual([0, 0.5, 1, 1.5]);
    expect(err).toBe('');
  });

  it('reads several files, the same one again too', async () => {
    const { out } = await type(LOG, LOG, '--json', '--window', '2s');
    const { writes, footprint_granules: footprint, windows } = JSON.parse(out);
    expect([writes, windows.length]).toEqual([200, 1]);
    const once = JSON.parse((await type(LOG, '--json')).out);
    expect(footprint).toBe(once.footprint_granules);
    await expect(type(LOG, '--window', '1s', '--window', '2s')).rejects.toThrow('--window is given 2 times');
  });

  it('--device takes one disk of several, and fits it', async () => {
    const trace = join(folder, 'two.csv');
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${i / 10},${i % 4 ? 'vda' : 'vdb'},${(i % 40) * 65_536},4096`,
    );
    writeFileSync(trace, `time_s,device,offset_bytes,length_bytes\n${rows.join('\n')}\n`);
    const all = JSON.parse((await type(trace, '--json')).out);
    const one = JSON.parse(
      (await type(trace, '--json', '--device', 'vdb', '--fit', join(folder, 'vdb.yaml'))).out,
    );
    expect([all.writes, all.footprint_granules, one.writes, one.footprint_granules]).toEqual([
      200, 40, 50, 10,
    ]);
    expect(one.windows).toHaveLength(all.windows.length);
    await expect(type(trace, '--fit', join(folder, 'both.yaml'))).rejects.toThrow(
      'choose one with --device (vdb; vda',
    );
  });

  it('prints a table, writes figures and a fit', async () => {
    const figures = join(folder, 'figures');
    const fit = join(folder, 'fit.yaml');
    const { out, err } = await type(LOG, '--figures', figures, '--fit', fit);
    expect(out).toMatch(/^format {5}iolog\n/);
    expect(readdirSync(figures).sort()).toEqual([
      'first-touches.png',
      'first-touches.svg',
      'stale-chunks.png',
      'stale-chunks.svg',
    ]);
    expect(readFileSync(fit, 'utf8')).toContain('summary: fitted to iolog-v3.log');
    expect(err).toMatch(/first-touch curve off by at most [\d.]+ % of the footprint/);
  });

  it.each([
    [['--granularity', '100k'], "--granularity: '100k' is not a power of two from 512 to 2G"],
    [['--chunk', '0'], "--chunk: '0' is not a power of two"],
    [['--window', '0s'], "--window: '0s' is not a time above 0"],
    [['--window', 'soon'], "--window: 'soon' is not a time"],
    [['--reorder', '-1'], "--reorder: '-1' is not a number of records"],
    [['--format', 'msr'], 'line 1: a time expected'],
    [['--device', 'sda'], "--device: 'sda' is not in the trace; it has guest.img"],
    [['--json', '--csv'], '--csv: not together with --json'],
    [['--fit', '/no/such/folder/fit.yaml'], "--fit: cannot write '/no/such/folder/fit.yaml'"],
    [['--figures', LOG], `--figures: cannot write '${LOG}'`],
  ])('refuses %j in one line', async (words, message) => {
    const error = await type(LOG, ...words).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'InputError', message: expect.stringContaining(message) });
    expect((error as Error).message).not.toContain('\n');
  });

  it('refuses a version 2 iolog with the reason', async () => {
    await expect(type(fixture('iolog-v2.log'))).rejects.toThrow('no time in it can be trusted');
  });
});
