/** However reports were collected, they are the same disks; and what is on top of an image or below it is told apart. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { resolve } from '../../../src/input/resolve.js';
import { jsonDocuments } from '../../../src/input/values/documents.js';
import { answer } from '../../../src/study/answer/answer.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-shapes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string): string => `test/fixtures/images/${name}`;
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

interface Disk {
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly allocatedBytes: number;
  readonly bitmaps: number;
}
const disksOf = async (...image: string[]): Promise<readonly Disk[]> =>
  (await resolve({}, { image })).scenario.disks.map(({ bitmaps, ...disk }) => ({
    sizeBytes: disk.sizeBytes,
    clusterBytes: disk.clusterBytes,
    allocatedBytes: disk.allocatedBytes,
    bitmaps: bitmaps.reduce((sum, { count }) => sum + count, 0),
  }));
const notesOf = async (...image: string[]): Promise<string> =>
  (await resolve({}, { image })).notes.join('\n');

const info = (name: string, GiB: number, more: object = {}): object => ({
  'virtual-size': GiB * 2 ** 30,
  filename: name,
  'cluster-size': 65_536,
  format: 'qcow2',
  'actual-size': 2 ** 30,
  'format-specific': {
    type: 'qcow2',
    data: { bitmaps: [{ flags: ['auto'], name: 'b', granularity: 65_536 }] },
  },
  ...more,
});
const node = (name: string, GiB: number, more: object = {}): object => ({
  'node-name': name,
  drv: 'qcow2',
  ro: false,
  file: `/${name}.qcow2`,
  image: { ...info(`/${name}.qcow2`, GiB), 'format-specific': {} },
  'dirty-bitmaps': [{ name: 'b', granularity: 65_536, count: 65_536, persistent: true, recording: true }],
  ...more,
});
const OTHERS = [
  { QMP: { version: {}, capabilities: ['oob'] } },
  { return: {} },
  { timestamp: { seconds: 1 }, event: 'BLOCK_WRITE_THRESHOLD', data: { 'node-name': 'n0' } },
  { return: [{ 'node-name': 'n0', stats: {}, parent: {} }] },
  { execute: 'query-block' },
  { error: { class: 'GenericError', desc: 'no' } },
];

describe('documents', () => {
  it('are found one after another, nested, and among other text', () => {
    const values = fc.array(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.constant({}))), {
      maxLength: 5,
    });
    const noise = fc.constantFrom(
      '',
      ' ',
      '\n',
      '\r',
      ',\n',
      '\u001e',
      '\nJobs: 1 (f=1): [W(1)][46.2%][eta 00m]\n',
      '[0]: x ',
    );
    fc.assert(
      fc.property(values, noise, fc.constantFrom(undefined, 2), (list, between, indent) => {
        const text = list.map((value) => between + JSON.stringify(value, null, indent)).join('\n') + between;
        expect(jsonDocuments(text, 'x')).toEqual({ values: JSON.parse(JSON.stringify(list)), cutOff: false });
      }),
    );
  });

  it('that end too early are told', () => {
    const text = JSON.stringify({ a: [{ b: 'c' }], d: 'e' });
    for (let length = 2; length < text.length; length++)
      expect(jsonDocuments(text.slice(0, length), 'x')).toEqual({ values: [], cutOff: true });
  });
});

describe('shapes', () => {
  it('qemu-img info: lists, lists of lists, one after another, in several files', async () => {
    const infos = [info('/a', 10), info('/b', 20), info('/c', 30)];
    const wanted = await disksOf(write('plain.json', JSON.stringify(infos)));
    expect(wanted.map(({ sizeBytes }) => sizeBytes / 2 ** 30)).toEqual([10, 20, 30]);
    const texts = [
      JSON.stringify([[infos[0]], [infos[1], [infos[2]]]]),
      infos.map((each) => JSON.stringify(each, null, 4)).join('\n'),
      infos.map((each) => JSON.stringify(each)).join('\n'),
      infos.map((each) => JSON.stringify([each])).join(''),
    ];
    for (const [i, text] of texts.entries()) expect(await disksOf(write(`${i}.json`, text))).toEqual(wanted);
    const apart = infos.map((each, i) => write(`apart-${i}.json`, JSON.stringify(each)));
    expect(await disksOf(...apart)).toEqual(wanted);
  });

  it('QMP: events and other replies among the replies, in any place, mean nothing', async () => {
    const reply = { return: [node('n0', 10), node('n1', 20)], id: 'libvirt-7' };
    const wanted = await disksOf(write('reply.json', JSON.stringify(reply)));
    expect(wanted).toHaveLength(2);
    const mixed = fc.shuffledSubarray([...OTHERS, reply], { minLength: OTHERS.length + 1 });
    await fc.assert(
      fc.asyncProperty(mixed, async (lines) => {
        const path = write('mixed.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
        expect(await disksOf(path)).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  });

  it('UTF-16, as PowerShell writes it, and marks at the beginning mean nothing', async () => {
    const text = JSON.stringify(info('/a', 10), null, 4);
    const wanted = await disksOf(write('plain.json', text));
    writeFileSync(join(folder, 'wide.json'), `\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le');
    expect(await disksOf(join(folder, 'wide.json'))).toEqual(wanted);
    expect(await disksOf(write('marked.json', `\ufeff${text}`))).toEqual(wanted);
  });

  it('QMP: a node asked twice is one disk, as it was told last', async () => {
    const later = node('n0', 10, {
      'dirty-bitmaps': [{ name: 'b', granularity: 65_536, count: 131_072, persistent: true }],
    });
    const text = [{ return: [node('n0', 10)] }, { return: [later] }]
      .map((each) => JSON.stringify(each))
      .join('\n');
    const { disks } = (await resolve({}, { image: write('twice.jsonl', text) })).scenario;
    expect(disks.map(({ bitmaps }) => bitmaps[0]!.content)).toEqual([{ kind: 'count', bits: 2 }]);
  });
});

describe('filters', () => {
  it.each([
    ['query-block-throttle.json', 64, 2],
    ['named-nodes-throttle.json', 64, 2],
    ['transcript.jsonl', 64, 2],
    ['query-block-copy-on-read.json', 64, 2],
    ['named-nodes-quorum.jsonl', 8, 1],
    ['named-nodes-chain-below-filters.jsonl', 4, 1],
  ])('%s: the image below', async (name, GiB, bitmaps) => {
    expect(await disksOf(fixture(name))).toMatchObject([{ sizeBytes: GiB * 2 ** 30, bitmaps }]);
  });

  it('that hide the image are no reason to leave a disk out', async () => {
    await expect(disksOf(fixture('query-block-quorum.jsonl'))).rejects.toThrow(
      /qcow2 image below quorum.*query-named-block-nodes/,
    );
  });
});

describe('chains, data files and what is peculiar', () => {
  it('bitmaps below are named', async () => {
    expect(await notesOf(fixture('chain.json'))).toMatch(
      /top\.qcow2: 1 bitmap in its backing image \(base\.qcow2\)/,
    );
    const over = { 'full-backing-filename': '/elsewhere' };
    expect(await notesOf(write('over.json', JSON.stringify(info('/a', 1, over))))).toMatch(
      /lies on \/elsewhere, .*--backing-chain/,
    );
  });

  it('bitmaps that are all in a base are read by the destination, and none is stored', async () => {
    const image = fixture('chain-bitmaps-in-base.json');
    const given = { image, 'bitmaps.dirty': '100%', 'flush-latency': '1ms', workload: 'idle', host: 'zero' };
    const resolved = await resolve({}, given);
    const { scenario, question } = resolved;
    expect(
      scenario.disks.map(({ bitmaps, backing }) => [bitmaps.length, backing![0]!.bitmaps.length]),
    ).toEqual([[0, 2]]);
    expect(question).toMatchObject({ disks: 1, bitmaps: 0, granularity_bytes: 65_536 });
    // 64 GiB at 64 KiB and at 4 MiB: 3 clusters; the directory, once by each side, and its extension; two tables.
    const { strategies, break_even } = answer(resolved);
    const store = strategies.find(({ strategy }) => strategy === 'store-at-stop')!;
    expect(store.bitmap_downtime_ms.mean).toBeCloseTo(1 + 3 + 3 + 2, 6);
    expect(store.store_writes).toBe(0);
    expect(break_even).toMatchObject({ bitmaps: null, disk_bytes: null });
    expect(break_even.flush_latency_ms).toBeGreaterThan(1);
  });

  it('such a disk is none the less one of several, and one without any bitmap is named', async () => {
    const chain = JSON.parse(readFileSync(fixture('chain-bitmaps-in-base.json'), 'utf8')) as object[];
    const bare = info('/bare', 1, { 'format-specific': {} });
    const path = write('several.json', JSON.stringify([info('/a', 1), ...chain, bare]));
    expect((await disksOf(path)).map(({ bitmaps }) => bitmaps)).toEqual([1, 0]);
    expect(await notesOf(path)).toMatch(/\/bare: has no persistent bitmap; left out/);
  });

  it('guest data in a file of its own takes no cluster of the image', async () => {
    expect(await disksOf(fixture('data-file.json'))).toMatchObject([{ allocatedBytes: 0, bitmaps: 1 }]);
    expect(await notesOf(fixture('data-file.json'))).toMatch(/keeps guest data in raw\.img/);
  });

  it.each([
    ['extended-l2.json', 131_072],
    ['luks.json', 65_536],
    ['cluster-2M.json', 2 ** 21],
  ])('%s', async (name, clusterBytes) => {
    expect(await disksOf(fixture(name))).toMatchObject([{ clusterBytes, bitmaps: 1 }]);
  });

  it('lazy and wide refcounts are named, a corrupt image refused', async () => {
    expect(await notesOf(fixture('lazy-refcounts.json'))).toMatch(
      /lazy refcounts[\s\S]*refcounts of 64 bits/,
    );
    const corrupt = { 'format-specific': { data: { corrupt: true, bitmaps: [] } } };
    await expect(disksOf(write('corrupt.json', JSON.stringify(info('/a', 1, corrupt))))).rejects.toThrow(
      /marked corrupt.*qemu-img check -r all/,
    );
  });

  it('qemu-img and QMP tell the same of one image', async () => {
    expect(await disksOf(fixture('three-granularities.json'))).toEqual(
      await disksOf(fixture('three-granularities-qmp.json')),
    );
  });
});

describe('allocation', () => {
  const allocatedBytes = async (...reports: unknown[]): Promise<number> => {
    const text = reports.map((each) => JSON.stringify(each)).join('\n');
    return (await disksOf(write('allocation.json', text)))[0]!.allocatedBytes;
  };
  const image = info('/a', 10);
  const check = {
    'check-errors': 0,
    filename: '/a',
    format: 'qcow2',
    'allocated-clusters': 7,
    'total-clusters': 163_840,
  };
  const map = [
    { start: 0, length: 131_072, depth: 0, present: true, zero: false, data: true, offset: 327_680 },
    { start: 131_072, length: 65_536, depth: 0, present: true, zero: true, data: false },
    { start: 196_608, length: 65_536, depth: 1, present: true, zero: false, data: true, offset: 0 },
  ];

  it('is what the most exact report says', async () => {
    expect(await allocatedBytes(image)).toBe(2 ** 30);
    expect(await allocatedBytes(image, { required: 3 * 2 ** 20, 'fully-allocated': 2 ** 40 })).toBe(
      3 * 2 ** 20,
    );
    expect(await allocatedBytes(image, map)).toBe(131_072);
    expect(await allocatedBytes(image, check, map)).toBe(7 * 65_536);
    expect(await allocatedBytes(check, image)).toBe(7 * 65_536);
  });

  it('belongs to the image before it, and to none without one', async () => {
    const text = [image, map, info('/b', 20)].map((each) => JSON.stringify(each)).join('\n');
    expect((await disksOf(write('two.json', text))).map((disk) => disk.allocatedBytes)).toEqual([
      131_072,
      2 ** 30,
    ]);
    for (const alone of [check, map, { required: 1, 'fully-allocated': 2 }])
      await expect(allocatedBytes(alone)).rejects.toThrow(
        /qemu-img (check|map|measure), which tells.*--image info\.json/,
      );
  });

  it('is said where it is assumed, and given goes before', async () => {
    const path = write('untold.json', JSON.stringify(info('/a', 10, { 'actual-size': 0 })));
    expect(await notesOf(path)).toMatch(/no report says how much of it is allocated; taken as 0 %/);
    const told = await resolve({}, { image: path, 'disk.allocated': '50%' });
    expect(told.scenario.disks[0]!.allocatedBytes).toBe(5 * 2 ** 30);
    expect(told.notes.join()).not.toMatch(/allocated/);
  });
});

describe('what is no report', () => {
  it.each([
    ['image: a\nfile format: qcow2\n', /qemu-img info for people.*-U --output=json/],
    [
      'qemu-img: Could not open \'a\': Failed to get shared "write" lock\n',
      /while a VM runs: qemu-img info -U/,
    ],
    [
      ' Target   Capacity     Allocation   Physical\n sda 1 2 3\n',
      /virsh domblkinfo.*query-named-block-nodes/,
    ],
    ['<domaincheckpoint>\n</domaincheckpoint>\n', /libvirt checkpoint/],
    ["Domain: 'vm1'\n  block.count=1\n", /virsh domstats/],
    ['scsi0: local:100/vm-100-disk-0.qcow2,discard=on,size=32G\n', /configuration of a Proxmox VM/],
    ['{"scsi0":"local:100/vm-100-disk-0.qcow2,size=32G","memory":"2048"}', /configuration of a Proxmox VM/],
    ["<volume type='file'>\n</volume>\n", /XML of a libvirt volume/],
    ['{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachineInstance"}', /Kubernetes object.*virt-launcher/],
    ['{"format":"COW","capacity":"1","truesize":"1","voltype":"LEAF"}', /what vdsm \(oVirt\) says/],
    ['{"name":"v","size":1,"object_size":4194304,"format":2}', /what rbd info says/],
    ['{"report":[{"lv":[{"lv_name":"v"}]}]}', /report of LVM/],
    ['{"attachments":[],"id":"1","size":100,"status":"in-use"}', /what OpenStack says/],
    ['QFI\u00fb', /a qcow2 image itself/],
    ['{"a": 1}', /not the output of qemu-img info -U/],
    ['{"return": {}}', /no disk in it/],
  ])('%s', async (text, message) => {
    const path = join(folder, 'other');
    writeFileSync(path, text, text.startsWith('QFI') ? 'latin1' : 'utf8');
    await expect(disksOf(path)).rejects.toThrow(message);
  });

  it('the fixture of qemu-img info for people', async () => {
    expect(readFileSync(fixture('qemu-img-info.txt'), 'utf8')).toMatch(/^image: /);
    await expect(disksOf(fixture('qemu-img-info.txt'))).rejects.toThrow(/--output=json/);
  });
});
