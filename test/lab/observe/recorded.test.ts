/** Recordings of real QEMU 7.2 understood, and the file that is made of them read by the rest of the program. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveTree } from '../../../src/input/resolve.js';
import { latencyMeanNs } from '../../../src/input/values/compound.js';
import { parseYaml } from '../../../src/input/values/yaml.js';
import { type Observation, understand } from '../../../src/lab/observe/observation.js';
import { readRecording } from '../../../src/lab/observe/recording.js';
import { scenarioOf } from '../../../src/lab/observe/scenario.js';
import { toldValues } from '../../../src/lab/observe/told.js';
import { observedYaml } from '../../../src/output/observed-yaml.js';
import { guestOfDisk } from '../../../src/sim/guest/disk-guest.js';
import { createTracker } from '../../../src/sim/guest/engine.js';
import type { BitmapSpec } from '../../../src/sim/scenario.js';

const FIXTURES = 'test/fixtures/observe';
const observed = (name: string): Observation => understand(readRecording(join(FIXTURES, name)));

async function resolved(observation: Observation, storage?: string) {
  const { tree, notes } = scenarioOf(observation, storage);
  const yaml = observedYaml(observation, tree, notes);
  return resolveTree(await parseYaml(yaml, 'vm.yaml'), {}, { file: 'vm.yaml' });
}

describe('what a recording says', () => {
  const shop = observed('shop');

  test('the VM, its disks below filters in the order of its devices, and their bitmaps', () => {
    expect(shop).toMatchObject({
      name: 'shop',
      qemu: [7, 2, 22],
      cpus: 2,
      ramBytes: 64 * 2 ** 20,
      status: 'running',
    });
    expect(shop.disks.map((disk) => [disk.node, disk.sizeBytes / 2 ** 30])).toEqual([
      ['a', 64],
      ['b', 8],
    ]);
    expect(shop.disks[1]!.bitmaps.map(({ name, recording, stored }) => [name, recording, stored])).toEqual([
      ['old', false, true],
      ['daily', true, true],
    ]);
    expect(shop.seconds).toBeCloseTo(10, 1);
    expect(shop.disks.every((disk) => !disk.cached && disk.grew)).toBe(true);
  });

  test('newly set bits are the difference of the counts', () => {
    const count = (sample: string): number => {
      const text = readFileSync(`${FIXTURES}/shop/${sample}/query-named-block-nodes.json`, 'utf8');
      const nodes = JSON.parse(text).return as {
        'node-name': string;
        'dirty-bitmaps': { name: string; count: number }[];
      }[];
      const bitmaps = nodes.find((node) => node['node-name'] === 'a')!['dirty-bitmaps'];
      return bitmaps.find(({ name }) => name === 'fine')!.count / 4096;
    };
    const fine = shop.disks[0]!.bitmaps.find(({ name }) => name === 'fine')!;
    expect(fine.newBits).toBe(count('second') - count('first'));
    expect(fine.newBits).toBeGreaterThan(1000);
  });

  test('an image under another, and one whose data is in a file of its own', () => {
    const [top, meta] = observed('kinds').disks;
    expect(top!.backing).toMatchObject([{ sizeBytes: 16 * 2 ** 30, bitmaps: [{ name: 'weekly' }] }]);
    expect([top!.dataFile, meta!.dataFile]).toEqual([false, true]);
  });
});

describe('the scenario', () => {
  test('is that of the VM', async () => {
    const { scenario } = await resolved(observed('shop'));
    expect(scenario.disks.map((disk) => disk.sizeBytes / 2 ** 30)).toEqual([64, 8]);
    const bitmaps = scenario.disks.map((disk) =>
      disk.bitmaps.map(({ granularityBytes, recording }) => [granularityBytes, recording]),
    );
    expect(bitmaps).toEqual([
      [
        [4096, true],
        [65_536, true],
      ],
      [
        [65_536, false],
        [65_536, true],
      ],
    ]);
    expect(scenario.migration).toMatchObject({
      downtimeLimitNs: 300e6,
      maxBytesPerS: 2 ** 27,
      returnPath: false,
    });
    expect(scenario.ram.sizeBytes).toBe(64 * 2 ** 20);
    expect(scenario.qemu.name).toBe('7.2');
  });

  test('its storage takes as long as the guest’s requests took, in the mean and as spread', async () => {
    const shop = observed('shop');
    const { scenario } = await resolved(shop);
    const writes = shop.disks.map((disk) => disk.requests!.write);
    const meanNs =
      writes.reduce((sum, { totalNs }) => sum + totalNs, 0) /
      writes.reduce((sum, { count }) => sum + count, 0);
    const { latency } = scenario.storage.ops.write;
    expect(latency.kind).toBe('histogram');
    expect(latencyMeanNs(latency) / meanNs).toBeCloseTo(1, 2);
  });

  test('a storage that the user names is all that counts', async () => {
    const { scenario } = await resolved(observed('shop'), 'nvme-plp');
    expect(scenario.storage.name).toBe('nvme-plp');
    expect(latencyMeanNs(scenario.storage.ops.write.latency)).toBeLessThan(200e3);
  });

  test('chains and data files come with it, an idle VM writes nothing', async () => {
    const { scenario } = await resolved(observed('kinds'));
    expect(scenario.disks[0]!.backing).toHaveLength(1);
    expect(scenario.disks[1]!.dataFile).toBeDefined();
    expect(scenario.guest).toMatchObject({ writesPerS: 0 });
    const idle = await resolved(observed('idle'));
    expect(idle.scenario.guest).toMatchObject({ writesPerS: 0 });
  });

  test('every value says how it is known, and the file says it beside the value', () => {
    const shop = observed('shop');
    const { tree, notes } = scenarioOf(shop, undefined);
    const values = toldValues(tree);
    const yaml = observedYaml(shop, tree, notes);
    const told = yaml.split('\n').filter((line) => / # (observed|assumed): \S/.test(line));
    const valued = yaml.split('\n').filter((line) => line !== '' && !/^\s*#|:$/.test(line));
    expect(valued).toEqual(told);
    expect(told).toHaveLength(values.length);
    expect(values.find(({ path }) => path === 'disks.0.size')?.known).toBe('observed');
    expect(values.find(({ path }) => path === 'link')?.known).toBe('assumed');
  });

  test('names from the VM cannot leave their comment', () => {
    const shop = observed('shop');
    const [first, ...others] = shop.disks;
    const named = {
      ...shop,
      name: 'a\nbudget: 1ms',
      disks: [{ ...first!, file: 'x\n  size: 1T\u001b[2J' }, ...others],
    };
    const { tree, notes } = scenarioOf(named, undefined);
    const yaml = observedYaml(named, tree, notes);
    expect(yaml).not.toMatch(/^budget|^ *size: 1T/m);
    expect(yaml).not.toContain('\u001b');
  });
});

/** Replays the time that the VM was observed for, from the bits of the first sample, in the model. */
test('the scenario’s guest sets as many bits in that time as were seen set, at each granularity of each disk', async () => {
  const shop = observed('shop');
  const { scenario } = await resolved(shop);
  const replications = 12;
  for (const [index, disk] of shop.disks.entries()) {
    const spec = scenario.disks[index]!;
    const bitmaps = spec.bitmaps.map((bitmap, i): BitmapSpec => {
      const { setBits, newBits } = disk.bitmaps[i]!;
      return { ...bitmap, content: { kind: 'count', bits: setBits - newBits! } };
    });
    const set = bitmaps.map((): number[] => []);
    for (let replication = 0; replication < replications; replication++) {
      const tracker = createTracker(
        {
          disk: { ...spec, bitmaps },
          index,
          ...guestOfDisk(scenario.guest, scenario.disks, index),
          chunkBytes: 65_536,
          draws: { seed: 1, replication },
        },
        'auto',
      );
      const counts = () =>
        tracker.groups.map((group) => group.setCount.reduce((sum, count) => sum + count, 0));
      const before = counts();
      tracker.advance(shop.seconds * 1e9);
      tracker.sync();
      for (const [i, count] of counts().entries()) set[i]!.push(count - before[i]!);
    }
    for (const [i, { newBits }] of disk.bitmaps.entries()) {
      const mean = set[i]!.reduce((sum, count) => sum + count, 0) / replications;
      // A stretch of 64 KiB is up to 16 bits at once: 5 standard errors of so many of them.
      const error = 5 * Math.sqrt((16 * (newBits! + 1)) / replications);
      expect(
        Math.abs(mean - newBits!),
        `bitmap ${disk.bitmaps[i]!.name}: ${mean} for ${newBits}`,
      ).toBeLessThan(disk.bitmaps[i]!.recording ? error : 1e-9);
    }
  }
});

describe('recordings that are none', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stopgap-test-'));
    cpSync(join(FIXTURES, 'shop'), folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const change = (file: string, from: string | RegExp, to: string): void => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toMatch(from);
    writeFileSync(join(folder, file), text.replace(from, to));
  };
  const read = () => understand(readRecording(folder));

  test.each([
    ['cut short', 'second/query-blockstats.json', /.{20}\n$/, '', /second\/query-blockstats\.json: not JSON/],
    [
      'of another command',
      'first/query-version.json',
      /.*/s,
      '{"return": []}',
      /query-version: .*expected object/,
    ],
    [
      'a number for a text',
      'second/query-status.json',
      /"running"/,
      '7',
      /query-status: status: .*expected string/,
    ],
    [
      'an error',
      'first/query-migrate-parameters.json',
      /.*/s,
      '{"error": {"desc": "no"}}',
      /parameters: no$/,
    ],
    ['no time', 'second/time', /^\d+/, 'noon', /second\/time: 'noon.* is not a time/],
    ['the wrong way round', 'second/time', /^\d+/, '12', /second sample is not later/],
    ['another VM', 'second/query-uuid.json', /6f0c/, 'beef', /of different VMs: 6f0c.* and beef/],
    [
      'another disk',
      'second/query-named-block-nodes.json',
      /"node-name":"a"/g,
      '"node-name":"z"',
      /disk 'a' is not in the second/,
    ],
    [
      'another size',
      'first/query-named-block-nodes.json',
      /68719476736/g,
      '34359738368',
      /disk 'a' changed its size/,
    ],
    [
      'another run',
      'second/query-blockstats.json',
      /"wr_operations":\d{3,}/,
      '"wr_operations":1',
      /the VM was started again/,
    ],
    [
      'no bitmaps',
      'second/query-named-block-nodes.json',
      /"persistent":true/g,
      '"persistent":false',
      /no disk of this VM has a persistent bitmap/,
    ],
  ])('%s', (_, file, from, to, message) => {
    change(file, from, to);
    if (file.startsWith('second/query-named') && to.includes('false'))
      change('first/query-named-block-nodes.json', from, to);
    expect(read).toThrow(message);
  });

  test('a file is missing, a folder is missing, the recording is missing', () => {
    rmSync(join(folder, 'first/query-block.json'));
    expect(read).toThrow(/first\/query-block\.json: there is no such file/);
    rmSync(join(folder, 'first'), { recursive: true });
    expect(read).toThrow(/is no recording/);
    expect(() => readRecording(join(folder, 'nowhere'))).toThrow(/there is no such file/);
  });

  test('a bitmap that was cleared meanwhile tells no rate, and a note says so', () => {
    change('second/query-named-block-nodes.json', /("granularity":4096,"count":)\d+/, '$10');
    const { notes, tree } = scenarioOf(read(), undefined);
    expect(notes.join()).toMatch(/bitmap 'fine' came or was cleared/);
    expect(toldValues(tree).find(({ path }) => path === 'workload.mix.0.weight')).toBeDefined();
  });
});
