import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inProcess } from '../support/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-calibrate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const FIO = 'test/fixtures/fio/fio-randwrite-64k.json';

describe('calibrate', () => {
  it('turns the output of fio into a preset on stdout, with remarks on stderr', async () => {
    const { code, out, err } = await inProcess('calibrate', FIO);
    expect(code).toBe(0);
    const preset = parse(out);
    expect(preset.write.latency.mark).toBe('measured');
    expect(preset.sources.calibration).toMatch(/^fio output, \d{4}-\d\d-\d\d: stopgap calibrate/);
    expect(err).toContain('4 requests in flight');
  });

  it('measures a directory into a file that ask takes, and leaves nothing else', async () => {
    const place = mkdtempSync(join(folder, 'images-'));
    const preset = join(folder, 'mine.yaml');
    const made = await inProcess(
      'calibrate',
      place,
      '--cache',
      'writeback',
      '--seconds',
      '2',
      '--out',
      preset,
    );
    expect(made.code).toBe(0);
    expect(made.out).toContain(`${preset} written`);
    expect(readdirSync(place)).toEqual([]);
    expect(readFileSync(preset, 'utf8')).toContain('host-cache: writeback');
    const asked = await inProcess(
      'ask',
      '--disk',
      '1T',
      '--replications',
      '2',
      '--storage',
      preset,
      '--json',
    );
    expect(asked.code).toBe(0);
    expect(JSON.parse(asked.out).strategies).toHaveLength(5);
  });

  it('--host without QEMU makes a host preset of two loops, which says how far to trust it, for ask', async () => {
    const host = join(folder, 'host.yaml');
    const made = await inProcess('calibrate', '--host', '--probe', 'builtin', '--out', host);
    expect(made.code).toBe(0);
    expect(made.err).toContain('two loops stand in');
    expect(made.out).toMatch(/per-1000-scanned-clusters +[\d.]+ µs ± [\d.]+ (µs|ns)\n/);
    expect(made.out).toMatch(/write +15 µs ± 8 µs +not told by the stops\n/);
    const preset = parse(readFileSync(host, 'utf8'));
    expect(preset['per-1000-scanned-clusters'].mark).toBe('measured');
    expect(preset.sources.calibration).toContain('right to about 40 %');
    const asked = await inProcess('ask', '--disk', '64G', '--replications', '2', '--host', host, '--json');
    expect(JSON.parse(asked.out).question.host).toBe(host);
    // Its own file is replaced, one of somebody else is not.
    expect((await inProcess('calibrate', '--host', '--probe', 'builtin', '--out', host)).code).toBe(0);
    expect((await inProcess('calibrate', '--host', '--probe', 'builtin', '--out', FIO)).code).toBe(2);
  });

  const empty = join(folder, 'empty.json');
  writeFileSync(empty, '{"jobs":[]}');
  it.each([
    ['nothing', [], 'give a directory to measure'],
    ['no jobs', [empty], 'no jobs in it'],
    [
      'no such file',
      ['no-such.json'],
      "'no-such.json': there is no such file; expected a directory or a file",
    ],
    ['two directories', [folder, folder], 'one directory, or one or more files'],
    ['too long', [folder, '--seconds', '3600'], '--seconds: '],
    ['too long for a host', ['--host', '--seconds', '45'], "'45' is not a number from 5 to 30"],
    ['a directory for a host', ['--host', folder], 'measures this machine, and no directory'],
    ['fio for a host', ['--host', '--probe', 'fio'], '--probe fio: measures a storage'],
    ['QEMU for a storage', [folder, '--probe', 'qemu'], '--probe qemu: measures a host'],
    [
      'a folder that is not there',
      [FIO, '--out', '/no/such/x.yaml'],
      "--out: cannot write '/no/such/x.yaml'",
    ],
  ])('refuses in one line: %s', async (_, args, message) => {
    const { code, err } = await inProcess('calibrate', ...args);
    expect(code).toBe(2);
    const last = err.trim().split('\n').at(-1)!;
    expect(last).toContain(message);
    expect(last).toMatch(/^stopgap: /);
  });
});
