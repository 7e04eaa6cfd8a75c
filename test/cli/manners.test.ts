/** What a new user meets: mistakes typed in a hurry, pipes that close early, files that are not what they should be. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-manners-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The one line on stderr. */
async function refused(...args: string[]): Promise<string> {
  const { code, out, err } = await inProcess(...args);
  expect([code, out, err.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  return err.trimEnd();
}

describe('mistakes', () => {
  it('a number without its unit says which units there are', async () => {
    expect(await refused('ask', '--disk', '16')).toMatch(/--disk: '16' is not a size of at least 1 MiB.*16T/);
    expect(await refused('ask', '--budget', '300')).toMatch(/a time with a unit such as 300ms/);
  });

  it('what is missing is named', async () => {
    expect(await refused('run')).toMatch(/stopgap run <scenario>/);
    expect(await refused('repro', 'somewhere')).toMatch(/stopgap repro <dir> <run-id>/);
    expect(await refused('merge', 'a', 'b')).toMatch(/--out is missing/);
    const scenario = file('scenario.yaml', 'storage: ceph-nvme\n');
    expect(await refused('sweep', scenario, '--dry-run')).toMatch(/scenario.yaml: 'question' is missing/);
  });

  it('keys of files are suggested, groups of them too', async () => {
    expect(await refused('run', file('typo.yaml', 'dsk: { size: 4T }\n'))).toMatch(/did you mean 'disk'/);
    expect(await refused('run', file('deep.yaml', 'disk: { sise: 4T }\n'))).toMatch(
      /did you mean 'disk.size'/,
    );
  });
});

describe('the form of a name', () => {
  it('is that of the help: not camel case', async () => {
    const said = await refused('measure', '--nbdkitDelay', '1ms');
    expect(said).toMatch(/unknown option or argument 'nbdkitDelay'; did you mean 'nbdkit-delay'/);
    const delays = ['--nbdkit-delay', '1ms', '--nbdkit-delay', '2ms'];
    expect(await refused('measure', ...delays)).toMatch(/--nbdkit-delay is given 2 times \(1ms, 2ms\)/);
    const trace = 'test/fixtures/traces/iolog-v3.log';
    const twice = await inProcess('workload', trace, '--skip-bad', '--skip-bad', '--json');
    expect([twice.code, JSON.parse(twice.out).granularity_bytes]).toEqual([0, 65_536]);
  });
});

describe('manners', () => {
  it('examples in the help are commands as one types them', async () => {
    for (const command of ['ask', 'calibrate', 'measure', 'outcomes']) {
      const { out } = await inProcess(command, '--help');
      expect(out).toMatch(new RegExp(`stopgap ${command} `));
      expect(out).not.toMatch(new RegExp(`${command} ${command}`));
    }
  });

  it('finds shipped experiments by number, with or without the nought', async () => {
    const { code, out } = await inProcess('sweep', '1', '--dry-run', '--set', 'disk.size=64G');
    expect(code).toBe(0);
    expect(out).toMatch(/^01-thirty-megabytes/);
  });

  it('ends quietly where the reader of a pipe has gone', () => {
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" dist/cli/main.js list parameters --json | head -1`],
      { encoding: 'utf8' },
    );
    expect([stdout.length > 0, stderr]).toEqual([true, '']);
  });

  it('ends at once on Ctrl-C, also in the middle of a simulation', () => {
    const long = ['ask', '--engine', 'per-write', '--write-iops', '500000', '--strategy', 'pre-flush'];
    const { signal } = spawnSync(process.execPath, ['dist/cli/main.js', ...long], {
      timeout: 1500,
      killSignal: 'SIGINT',
    });
    expect(signal).toBe('SIGINT');
  });

  it('says of several bitmaps how many, and of unlike ones what they come to', async () => {
    const quick = ['--disk', '1T', '--replications', '2'];
    expect((await inProcess('ask', ...quick, '--bitmaps', '3')).out).toMatch(/^(No|Yes), 3 x 2 MiB is /m);
    const { out } = await inProcess(
      'ask',
      '--replications',
      '2',
      '--image',
      'test/fixtures/images/qemu-img-info-bitmaps.json',
    );
    // 64 KiB, 1 MiB and 4 KiB granularity on 4 GiB.
    expect(out).toMatch(/^1 disk of 4 GiB, 3 bitmaps of 137 KiB in all, storage/m);
  });
});

describe('an option given again', () => {
  it('adds where it can, and is refused where it would replace', async () => {
    const two = await inProcess(
      'ask',
      '--disk',
      '1T:bitmaps=3',
      '--disk',
      '500G',
      '--replications',
      '1',
      '--json',
    );
    expect(JSON.parse(two.out).question).toMatchObject({ disks: 2, disk_list: [{}, {}] });
    const few = ['--disk', '64G', '--replications', '1'];
    const storages = await inProcess('ask', '--storage', 'hdd-7200', '--storage', 'sata-ssd', ...few);
    expect(storages.out).toMatch(/^hdd-7200 .*\nsata-ssd /m);
    const granularities = await inProcess('ask', '--granularity', '4k', '--granularity', '8k');
    expect(granularities).toMatchObject({ code: 2, out: '' });
    expect(granularities.err).toMatch(/^stopgap: --granularity is given 2 times \(4k, 8k\); give it once\n$/);
  });

  it('after two dashes come files, whatever they begin with, and too many are refused', async () => {
    const scenario = file('few.yaml', 'disk: { size: 64G }\nreplications: 1\n');
    const asked = await inProcess('ask', '--json', '--', scenario);
    expect(JSON.parse(asked.out).question).toMatchObject({ disk_bytes: 64 * 2 ** 30 });
    expect(await refused('ask', '--', '--')).toContain('./--');
    expect(await refused('ask', '--', scenario, 'other')).toContain('other');
    expect(await refused('sensitivity', '--samples', '4', '--', '--', '--')).toContain('--');
  });
});
