import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import type { Tree } from '../../src/base/tree.js';
import { resolve, resolveTree } from '../../src/input/resolve.js';
import { readText } from '../../src/input/values/files.js';
import { parseYaml } from '../../src/input/values/yaml.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-bad-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const broken = file('broken.yaml', 'a: [1,\n');
const unknown = file('unknown.yaml', 'ram: {size: 1GiB}\nnonsense: 3\n');
const elf = file('elf.yaml', '\x7fELF\0\0');
const empty = file('empty.yaml', '');
const noJobs = file('nojobs.json', '{"jobs":[]}');
const rawImage = file('raw.json', '{"format":"raw"}');

/** A scenario file as `run` reads it. */
async function loadScenario(path: string): Promise<unknown> {
  const tree = await parseYaml(readText(path, 'scenario'), path);
  return resolve(tree as Tree, {}, { file: path });
}

/** The message, after checking that it is an InputError of one line. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  const { message } = error as InputError;
  expect(message).not.toMatch(/\n/);
  expect(message.length).toBeLessThan(600);
  return message;
}

const CASES: Readonly<Record<string, readonly unknown[]>> = {
  'disk.size': [
    '-1T',
    '0',
    'NaN',
    'Infinity',
    '1e400',
    '16X',
    '',
    '16 T T',
    '16T16T',
    0,
    true,
    ['1T'],
    null,
    {},
  ],
  'disk.granularity': ['63k', '256', '4G', '0', '-64k', 'abc', '65537'],
  'disk.cluster': ['3k', '256', '4M', 'x'],
  'disk.count': ['0', '1.5', 'many'],
  'disk.allocated': ['101%', '-1%', 'half'],
  'disk.discard': ['maybe', '2', 'constructor', '__proto__'],
  'bitmaps.count': ['-1', '0', '0.5', '1e9', 'NaN', 'x', '65536'],
  'bitmaps.frozen': ['2', '-1'],
  'bitmaps.dirty': ['150%', 'all'],
  'bitmaps.age': ['5', 'yesterday'],
  'bitmaps.history': ['old'],
  storage: ['nvmee', '../../etc/passwd', '/dev/null', elf, noJobs, broken, empty, folder],
  workload: ['nope', empty, join(folder, 'missing.trace'), elf],
  vm: ['huge', broken],
  link: ['fast', '10Gbit', '-1Gbit/s'],
  host: ['nope'],
  image: [rawImage, broken, '/nonexistent', noJobs, elf],
  budget: ['-5ms', '0x', '300', 'soon', '0ms', '', 'constructor', '__proto__'],
  strategies: ['fly', 'store', ['pre-flush', 'x']],
  replications: ['-3', '0', '1.5', 'x'],
  seed: ['abc', '-1', '1.5'],
  qemu: ['6.0', '8.5'],
  'flush-bandwidth': ['0MiB/s', '200', '200MiB'],
  'flush-latency': ['1', '-1ms'],
  'workload.write-iops': ['-1', 'x', 'unlimited', '1000000000'],
  'ram.dirty-rate': ['unlimited', '5', '-1MiB/s'],
  'workload.offset': ['100%', '20T', '-1%'],
  'workload.footprint': ['0', '0%', '120%'],
  'workload.arrivals': ['often', { on: '0s', off: '1s' }, { h2: { p1: 2, fast: 0.1 } }],
  'workload.write-size': ['0', '4q'],
  'workload.pattern': [
    'zipff',
    'zipf:0',
    'hotspot:0/90',
    'sequential:1.5',
    'sequential:99999999',
    'uniform:2',
  ],
  'storage.write.latency': ['fast', '1', { p50: '2ms', p99: '1ms' }, { p50: '1ms' }],
  'pre-flush.chunk': ['100', '0'],
  'pre-flush.order': ['lifo'],
  'migration.downtime-limit': ['3000s', '300'],
};

describe('values that cannot be used', () => {
  const rows = Object.entries(CASES).flatMap(([path, values]) =>
    values.map((value) => [path, value] as const),
  );
  it.each(rows)('%s: %j', async (path, value) => {
    await refusal(resolve({}, { [path]: value }));
  });
});

describe('messages say where, what and what is allowed', () => {
  const message = (overrides: Record<string, unknown>): Promise<string> => refusal(resolve({}, overrides));

  it('names the flag', async () => {
    expect(await message({ 'disk.size': '-1T' })).toBe(
      "--disk: '-1T' is not a size such as 64k, 30MB or 16TiB",
    );
    expect(await message({ 'disk.granularity': '63k' })).toBe(
      "--granularity: '63k' is not a power of two from 512 to 2G",
    );
  });
  it('names the key of a file', async () => {
    const attempt = resolve({ disk: { size: '-1T' } }, {}, { file: 'a.yaml' });
    expect(await refusal(attempt)).toMatch(/^a\.yaml: disk\.size: '-1T'/);
  });
  it('names the setting', async () => {
    const attempt = resolve({}, { 'disk.size': '-1T' }, { given: 'settings' });
    expect(await refusal(attempt)).toMatch(/^disk\.size: '-1T'/);
  });
  it('says bits, limit and the way out where a bitmap is too large', async () => {
    expect(await message({ 'disk.size': '16T', 'disk.granularity': '512' })).toBe(
      '--granularity: a disk of 16 TiB has 34359738368 bits at 512 B, and QEMU stores at most 4294967296 (512 MiB) ' +
        'per bitmap; use a granularity of 4 KiB or more, or a smaller disk',
    );
  });
  it('suggests strategies, presets, patterns, budgets and parameters', async () => {
    expect(await message({ strategies: 'pre-flash' })).toMatch("did you mean 'pre-flush'?");
    expect(await message({ storage: 'ceph-nvmee' })).toMatch("did you mean 'ceph-nvme'?");
    expect(await message({ 'workload.pattern': 'zip' })).toMatch("did you mean 'zipf'?");
    expect(await message({ budget: 'qemo1' })).toMatch('qemu, nova, proxmox, vmotion, nfv');
    expect(await message({ 'disk.sise': '1T' })).toMatch("did you mean 'disk.size'?");
    expect(await message({ granularity: '1T' })).toMatch("did you mean 'disk.granularity'?");
  });
  it('limits the disk by the cluster size', async () => {
    expect(await message({ 'disk.size': '1T', 'disk.cluster': '512' })).toMatch('at most 128 GiB');
  });
});

describe('scenario files that cannot be used', () => {
  it.each([broken, elf, empty, folder, '/nonexistent', file('list.yaml', '- 1\n')])('%s', async (path) => {
    await refusal(loadScenario(path));
  });
  it('an unknown key', async () => {
    const text = await refusal(loadScenario(unknown));
    expect(text).toMatch("unknown key 'nonsense'");
  });
  it('a key at the wrong place gets its path', async () => {
    expect(await refusal(resolveTree({ granularity: '64k' }))).toMatch("did you mean 'disk.granularity'?");
  });
});
