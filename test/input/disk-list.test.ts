/** Disks that differ, as flags, files and settings say them: nothing is dropped, and nothing is dropped in silence. */
import { describe, expect, it } from 'vitest';
import { overridesFromArgv } from '../../src/cli/parameter-options.js';
import type { ListedDisk } from '../../src/input/disk-question.js';
import { type Overrides, type Resolved, resolve, resolveTree } from '../../src/input/resolve.js';
import type { ScenarioInput } from '../../src/input/scenario-input.js';
import { jsonSchema } from '../../src/sweep/file-schemas.js';

const GIB = 2 ** 30;

const asked = (...disk: string[]): Promise<Resolved> => resolveTree({}, overridesFromArgv({ disk }));
const list = ({ question }: Resolved): readonly ListedDisk[] => question.disk_list as readonly ListedDisk[];

describe('--disk', () => {
  it('is the size of all disks where it says no more', async () => {
    const { scenario, question } = await resolveTree({}, overridesFromArgv({ disk: '4T', disks: '2' }));
    expect(scenario.disks.map(({ sizeBytes }) => sizeBytes / GIB)).toEqual([4096, 4096]);
    expect(question.disk_list).toBeUndefined();
  });

  it('adds a disk each time it is given', async () => {
    const resolved = await asked('4T:granularity=32k,bitmaps=3,frozen=1,dirty=10%', '500G');
    const [large, small] = resolved.scenario.disks;
    expect(large!.bitmaps).toMatchObject([
      { granularityBytes: 32_768, count: 2, recording: true, content: { kind: 'fraction', fraction: 0.1 } },
      { granularityBytes: 32_768, count: 1, recording: false },
    ]);
    expect(small).toMatchObject({ sizeBytes: 500 * GIB, bitmaps: [{ granularityBytes: 65_536, count: 1 }] });
    expect(resolved.question).toMatchObject({ disks: 2, disk_bytes: 4096 * GIB, bitmaps: 3 });
    expect(list(resolved).map((disk) => disk.bitmaps.reduce((sum, { count }) => sum + count, 0))).toEqual([
      3, 1,
    ]);
  });

  it.each([
    [['4T:granularity=3k'], /^--disk 4T:granularity=3k: granularity: '3k' is not a power of two/],
    [['4T:bitmap=3'], /--disk 4T:bitmap=3: bitmap: unknown key 'bitmap'.*bitmaps/],
    [['4T:__proto__=1'], /unknown key '__proto__'/],
    [['4T:constructor=1'], /unknown key 'constructor'/],
    [['4T:bitmaps'], /'bitmaps' is not key=value/],
    [['1T:bitmaps=0', '2T:bitmaps=0'], /none of them has a bitmap/],
    [['1T:writes=0', '2T:writes=0'], /writes is 0 for all/],
    [['1T:count=200', '2T:count=200'], /400 in all, at most 256/],
    [['1T', '600T:granularity=512'], /600T:granularity=512.*use a granularity of/],
    [['1T:storage=floppy'], /floppy/],
  ] as const)('refuses %j in one line', async (disk, message) => {
    await expect(asked(...disk)).rejects.toThrow(message);
  });

  it('refuses a flag that no disk of the list would hear of', async () => {
    const flags = (more: object) =>
      resolveTree({}, overridesFromArgv({ disk: ['1T:bitmaps=2', '2T:bitmaps=1'], ...more }));
    await expect(flags({ disks: '3' })).rejects.toThrow(/^--disks: the disks are listed one by one; count=2/);
    await expect(flags({ bitmaps: '3' })).rejects.toThrow(
      /^--bitmaps: disk 0 of the list has its own bitmaps/,
    );
    expect((await flags({ granularity: '16k' })).scenario.disks[1]!.bitmaps[0]!.granularityBytes).toBe(
      16_384,
    );
  });
});

const FILE: ScenarioInput = {
  disks: [
    {
      size: '1T',
      bitmaps: [
        { count: 2, granularity: '64k', dirty: '50%' },
        { granularity: '1M', recording: 'off', history: 'new' },
      ],
    },
    {
      size: '200G',
      storage: 'sata-ssd',
      writes: 3,
      backing: [{ size: '150G', bitmaps: 2, dirty: '100%' }, {}],
    },
    { size: '100G', 'bitmap-storage': 'nvme-plp', allocated: '100%' },
    { size: '50G', storage: 'gcp-hyperdisk#2', bitmaps: 0 },
  ],
  bitmaps: { history: 'stored' },
  storage: 'ceph-nvme',
};

describe('disks:', () => {
  it('has groups of bitmaps, storages, weights, data files and images below', async () => {
    const { scenario } = await resolve(FILE);
    const [first, second, third, fourth] = scenario.disks;
    expect(first!.bitmaps).toMatchObject([
      { count: 2, granularityBytes: 65_536, recording: true, stored: true, content: { fraction: 0.5 } },
      { count: 1, granularityBytes: 2 ** 20, recording: false, stored: false },
    ]);
    expect(second).toMatchObject({
      storage: { name: 'sata-ssd' },
      writes: 3,
      backing: [
        {
          sizeBytes: 150 * GIB,
          storage: { name: 'sata-ssd' },
          bitmaps: [{ count: 2, recording: false, stored: true }],
        },
        { sizeBytes: 200 * GIB, bitmaps: [] },
      ],
    });
    expect(third).toMatchObject({
      dataFile: { bitmapStorage: { name: 'nvme-plp' } },
      allocatedBytes: 100 * GIB,
    });
    expect(third!.storage).toBeUndefined();
    expect(fourth).toMatchObject({ storage: { name: 'gcp-hyperdisk#2' }, bitmaps: [] });
  });

  it("is the same device for the same name, and the scenario's own where a disk names that", async () => {
    const disks = [
      { size: '1T', storage: 'sata-ssd' },
      { size: '2T', storage: 'sata-ssd' },
      { storage: 'ceph-nvme' },
    ];
    const { scenario } = await resolve({ disks, storage: 'ceph-nvme' });
    expect(scenario.disks[0]!.storage).toBe(scenario.disks[1]!.storage);
    expect(scenario.disks[2]!.storage).toBeUndefined();
  });

  it('lets settings change one value of one disk, and refuses those that lead nowhere', async () => {
    const set = (overrides: Overrides) => resolve(FILE, overrides, { given: 'settings', file: 'vm.yaml' });
    const { scenario, question } = await set({
      'disks.0.bitmaps.1.granularity': '2M',
      'disks.1.size': '300G',
    });
    expect(scenario.disks[0]!.bitmaps[1]!.granularityBytes).toBe(2 ** 21);
    expect(scenario.disks[1]!.sizeBytes).toBe(300 * GIB);
    expect(question.disks_1_size_bytes).toBe(300 * GIB);
    await expect(set({ 'disks.9.size': '1T' })).rejects.toThrow(/there is no number 9, they are 0 to 3/);
    await expect(set({ 'disks.1.bitmaps.0.count': '1' })).rejects.toThrow(/bitmaps is no list in this disk/);
    await expect(set({ 'disk.size': '1T' })).rejects.toThrow(/set disks.0.size instead/);
    await expect(resolve({}, { 'disks.1.size': '1T', 'disk.count': 2 })).resolves.toMatchObject({
      scenario: { disks: [{ sizeBytes: 2 ** 44 }, { sizeBytes: 2 ** 40 }] },
    });
  });

  it('gives each disk its footprint, as a share of itself', async () => {
    const { scenario } = await resolve(
      { disks: ['1T', '100G'] },
      { 'workload.footprint': '50%', workload: 'uniform-storm' },
    );
    expect(scenario.guest).toMatchObject({ parts: [{ footprintShare: 0.5 }] });
    await expect(resolve({ disks: ['1T', '100G'] }, { 'workload.offset': '10G' })).rejects.toThrow(
      /offset.*share/,
    );
  });

  it('is in the JSON Schema of a scenario, with its keys', async () => {
    const schema = JSON.stringify(await jsonSchema('scenario'));
    for (const key of ['bitmap-storage', 'backing', 'recording', 'writes'])
      expect(schema).toContain(`"${key}"`);
  });
});

describe('--image given again', () => {
  const INFO = 'test/fixtures/images/qemu-img-info-bitmaps.json';

  it('adds the disks of each, and one of them can be told its storage', async () => {
    const { scenario, question } = await resolve({}, { image: [INFO, INFO], 'disks.1.storage': 'sata-ssd' });
    const one = (await resolve({}, { image: INFO })).scenario.disks;
    expect(scenario.disks).toHaveLength(2 * one.length);
    expect(scenario.disks[1]).toMatchObject({ sizeBytes: one[0]!.sizeBytes, storage: { name: 'sata-ssd' } });
    expect(question.image).toBe(`${INFO},${INFO}`);
    await expect(resolve({}, { image: INFO, 'disks.0.size': '1T' })).rejects.toThrow(/beside an image/);
  });
});
