import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolve } from '../../../src/input/resolve.js';

const fixture = (name: string): string => new URL(`../../fixtures/images/${name}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'stopgap-image-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
};
const read = (name: string): unknown => JSON.parse(readFileSync(fixture(name), 'utf8'));

describe('qemu-img info', () => {
  it('gives sizes, granularities and which bitmaps are frozen', async () => {
    const { scenario, question, notes } = await resolve({}, { image: fixture('qemu-img-info-bitmaps.json') });
    expect(scenario.disks).toHaveLength(1);
    expect(scenario.disks[0]).toMatchObject({ sizeBytes: 2 ** 32, clusterBytes: 65_536 });
    expect(
      scenario.disks[0]!.bitmaps.map(({ granularityBytes, recording, stored }) => [
        granularityBytes,
        recording,
        stored,
      ]),
    ).toEqual([
      [65_536, true, true],
      [2 ** 20, true, true],
      [4096, false, true],
    ]);
    expect(question).toMatchObject({
      disk_bytes: 2 ** 32,
      bitmaps: 3,
      frozen_bitmaps: 1,
      bitmap_bytes: 8192,
    });
    expect(notes).toEqual([expect.stringMatching(/does not say which bits are set/)]);
  });

  it('warns of bitmaps in use', async () => {
    const { notes } = await resolve({}, { image: fixture('qemu-img-info-bitmaps-in-use.json') });
    // One line for all of them, and one that the bits are not told.
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(/'b64k', .* are marked in-use/);
  });

  it('takes two images for two disks unless one says that it lies on the other', async () => {
    const info = { ...(read('qemu-img-info-bitmaps.json') as object), filename: '/a/top.qcow2' };
    const base = { ...info, filename: '/a/base.qcow2' };
    const disks = async (...images: object[]): Promise<number> =>
      (await resolve({}, { image: write('images.json', images) })).scenario.disks.length;
    const over = (name: string): object => ({ ...info, 'full-backing-filename': name });
    expect(await disks(info, base)).toBe(2);
    expect(await disks(over('/a/base.qcow2'), base)).toBe(1);
    expect(await disks(base, over('/a/x/../base.qcow2'))).toBe(1);
    expect(
      await disks(over('json:{"driver":"qcow2","file":{"driver":"file","filename":"/a/base.qcow2"}}'), base),
    ).toBe(1);
    // OpenNebula: each of two disks on an image that is not in the list.
    expect(await disks(over('/a/elsewhere.qcow2'), base)).toBe(2);
    // Two overlays of one base.
    const other = { ...over('/a/base.qcow2'), filename: '/a/other.qcow2' };
    expect(await disks(over('/a/base.qcow2'), base, other, base)).toBe(2);
    expect(await disks(over('/a/base.qcow2'), other, base)).toBe(2);
  });

  it.each([
    ['raw', { format: 'raw', 'virtual-size': 1 }, /only qcow2/],
    ['no bitmaps', { format: 'qcow2', 'virtual-size': 65_536 }, /no persistent bitmap/],
    ['no size', { format: 'qcow2' }, /virtual-size is missing/],
    ['something else', { hello: 1 }, /not the output of qemu-img info/],
    ['nothing', [], /no disk in it/],
    [
      'a bitmap beyond the limits',
      {
        format: 'qcow2',
        'virtual-size': 2 ** 44,
        'format-specific': { data: { bitmaps: [{ name: 'b', flags: [], granularity: 512 }] } },
      },
      /QEMU stores at most 4294967296/,
    ],
  ])('refuses %s', async (name, value, message) => {
    await expect(resolve({}, { image: write(`${name}.json`, value) })).rejects.toThrow(message);
  });

  it('refuses flags that say the same again', async () => {
    const image = fixture('qemu-img-info-bitmaps.json');
    await expect(resolve({}, { image, 'disk.size': '1T' })).rejects.toThrow(
      '--disk: cannot be set beside --image',
    );
  });
});

describe('QMP', () => {
  it.each(['qmp-query-block.json', 'qmp-query-named-block-nodes-bitmaps.json'])(
    '%s counts set bits',
    async (name) => {
      const { scenario, notes } = await resolve({}, { image: fixture(name) });
      expect(scenario.disks[0]).toMatchObject({ sizeBytes: 2 ** 26, clusterBytes: 65_536 });
      expect(scenario.disks[0]!.bitmaps).toEqual([
        {
          granularityBytes: 65_536,
          count: 1,
          recording: true,
          stored: true,
          content: { kind: 'count', bits: 332 },
        },
      ]);
      expect(notes).toEqual([
        "drive0: bitmap 'default-g' is not persistent, so it is never stored; left out",
      ]);
    },
  );

  it('leaves the nameless bitmap of a mirror out, and groups bitmaps that are alike', async () => {
    const nodes = read('qmp-query-named-block-nodes-mirroring.json') as [
      { 'dirty-bitmaps': { name?: string; persistent: boolean }[] },
    ];
    const alike = nodes[0]['dirty-bitmaps'].map((bitmap) => ({ ...bitmap, persistent: true }));
    const image = write('alike.json', { return: [{ ...nodes[0], 'dirty-bitmaps': alike }] });
    const { scenario, notes } = await resolve({}, { image });
    expect(scenario.disks[0]!.bitmaps).toMatchObject([{ count: 2, content: { kind: 'count', bits: 333 } }]);
    expect(notes).toEqual([]);
  });

  it('prefers a given dirty share to the count', async () => {
    const { scenario } = await resolve(
      {},
      { image: fixture('qmp-query-block.json'), 'bitmaps.dirty': '50%' },
    );
    expect(scenario.disks[0]!.bitmaps[0]!.content).toMatchObject({ kind: 'fraction', fraction: 0.5 });
  });

  it('says that inconsistent bitmaps are never stored', async () => {
    const nodes = read('qmp-query-named-block-nodes-bitmaps.json') as [{ 'dirty-bitmaps': object[] }];
    const bitmaps = nodes[0]['dirty-bitmaps'].map((bitmap) => ({
      ...bitmap,
      persistent: true,
      inconsistent: true,
    }));
    const image = write('inconsistent.json', [{ ...nodes[0], 'dirty-bitmaps': bitmaps }]);
    await expect(resolve({}, { image })).rejects.toThrow(
      /no persistent bitmap that a stop would store \(.*inconsistent/,
    );
  });
});
