/**
 * Disks that differ, an external data file and backing chains on real QEMU: every request of the source's stop and of
 * the destination before it resumes, file by file, against the model's. Exact, whatever the machine is doing.
 */
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { resolve, type ScenarioInput } from '../../src/input/resolve.js';
import type { Cleanup } from '../../src/lab/process/cleanup.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { runProgram } from '../../src/lab/process/programs.js';
import { startVolume, type Volume } from '../../src/lab/qemu/nbdkit.js';
import { type BlockNode, type Qemu, startQemu } from '../../src/lab/qemu/qemu.js';
import { sequenceOf } from '../../src/lab/qemu/requests.js';
import { finishMigration, setCapabilities } from '../../src/lab/qemu/stop.js';
import {
  addBitmaps,
  createImage,
  diskName,
  diskNodes,
  paintPattern,
  patternNodes,
  removePattern,
} from '../../src/lab/qemu/test-image.js';
import { formatSequence } from '../../src/sim/qcow2/oplog.js';
import type { DiskSpec, ImageSpec, StorageSpec } from '../../src/sim/scenario.js';
import { bitmapsWithShare } from '../../src/sim/stop/bitmaps.js';
import {
  backingOptions,
  DiskStops,
  dataFlushes,
  imageOptions,
  openImage,
} from '../../src/sim/stop/requests.js';
import { missing } from './available.js';

/** Requests of both sides to each file, as one line. */
type Sequences = Readonly<Record<string, { readonly source: string; readonly destination: string }>>;

const VM: ScenarioInput = {
  disks: [
    { size: '4T', granularity: '64k', bitmaps: 3 },
    { size: '500G', granularity: '16k', storage: 'sata-ssd' },
    { size: '1T', granularity: '64k', 'data-file': 'on', 'bitmap-storage': 'sata-ssd' },
    { size: '64G', granularity: '256k', backing: [{ bitmaps: 2, granularity: '64k' }, {}] },
    { size: '500G', granularity: '64k', storage: 'sata-ssd' },
  ],
  storage: 'ideal-1ms',
  bitmaps: { dirty: '100%', history: 'new' },
};

/** 64 clusters of a base under an empty top. */
const CHAIN: ScenarioInput = {
  disks: [{ size: '2T', bitmaps: 0, backing: [{ bitmaps: 1, dirty: '100%' }] }, { size: '32G' }],
  bitmaps: { dirty: '0%', history: 'new' },
};

/** Nothing but a base has a bitmap. */
const ALL_BELOW: ScenarioInput = {
  disks: [{ size: '64G', bitmaps: 0, backing: [{ bitmaps: 2, dirty: '100%' }] }],
};

/** NBD sends every flush that QEMU asks for. */
const overNbd = (storage: StorageSpec): StorageSpec => ({ ...storage, idleFlushes: 'sent' });

const volumesOf = (disk: DiskSpec, i: number): string[] => [
  `disk${i}`,
  ...(disk.dataFile ? [`data${i}`] : []),
  ...(disk.backing ?? []).map((_, depth) => `back${i}-${depth}`),
];

/** The share of set bits, which is all or none here. */
function shareOf({ bitmaps }: ImageSpec): number {
  const content = bitmaps[0]?.content;
  return content?.kind === 'fraction' ? content.fraction : 0;
}

async function predicted(input: ScenarioInput, names: ReadonlyMap<string, number>): Promise<Sequences> {
  const { scenario } = await resolve(input);
  const storage = overNbd(scenario.storage);
  const place = { storage, qemu: scenario.qemu };
  const sequences: Record<string, { source: string; destination: string }> = {};
  for (const [i, disk] of scenario.disks.entries()) {
    const texts = {
      dataFileNameBytes: 0,
      ...(disk.backing && { backingNameBytes: names.get(`back${i}-0`)! }),
    };
    const stops = new DiskStops({ ...imageOptions(disk, place), ...texts });
    const source = formatSequence(stops.source(bitmapsWithShare(disk, shareOf(disk))).ops);
    sequences[`disk${i}`] = { source, destination: formatSequence(stops.load().ops) };
    if (disk.dataFile)
      sequences[`data${i}`] = { source: formatSequence(dataFlushes(storage, false)), destination: '' };
    for (const [depth, image] of (disk.backing ?? []).entries()) {
      const below = names.get(`back${i}-${depth + 1}`);
      const options = backingOptions(image, place, below === undefined);
      const held = bitmapsWithShare({ ...image, discard: false }, shareOf(image));
      const opened = openImage(below === undefined ? options : { ...options, backingNameBytes: below }, held);
      const reads = formatSequence(opened.store([]));
      sequences[`back${i}-${depth}`] = { source: reads, destination: formatSequence(opened.activate()) };
    }
  }
  return sequences;
}

const nbd = (volume: Volume) => ({ kind: 'nbd', socket: volume.socket, uri: volume.uri }) as const;

/** A real VM with the disks of a scenario. */
class Stage {
  readonly volumes = new Map<string, Volume>();
  private readonly cleanup: Cleanup;
  private readonly dir: string;
  private readonly disks: readonly DiskSpec[];

  constructor(cleanup: Cleanup, disks: readonly DiskSpec[]) {
    this.cleanup = cleanup;
    this.disks = disks;
    this.dir = cleanup.tempDir(tmpdir(), 'run');
  }

  /** Bytes of each volume's name, as it stands in the header of an image above it. */
  get names(): ReadonlyMap<string, number> {
    return new Map([...this.volumes].map(([name, { uri }]) => [name, uri.length]));
  }

  private place(name: string) {
    return nbd(this.volumes.get(name)!);
  }

  async makeImages(): Promise<void> {
    for (const [i, disk] of this.disks.entries()) {
      for (const name of volumesOf(disk, i))
        this.volumes.set(name, await startVolume(this.cleanup, this.dir, name, {}));
      const images = [disk, ...(disk.backing ?? [])];
      for (const [level, image] of [...images.entries()].reverse()) {
        const name = level === 0 ? `disk${i}` : `back${i}-${level - 1}`;
        const below = level + 1 < images.length ? `back${i}-${level}` : undefined;
        if (below === undefined && level === 0) await this.createTop(disk, i);
        else await this.createOver(name, below, image);
        if (level > 0) await this.fillBacking(name, image);
      }
    }
  }

  private createTop(disk: DiskSpec, i: number): Promise<void> {
    const data = disk.dataFile && { ...this.place(`data${i}`), raw: true };
    const place = { ...this.place(`disk${i}`), ...(data && { data }) };
    return createImage(this.cleanup, place, disk.sizeBytes, disk.clusterBytes);
  }

  private async createOver(name: string, below: string | undefined, image: ImageSpec): Promise<void> {
    const over = below ? [`backing_file=${this.place(below).uri}`, 'backing_fmt=qcow2'] : [];
    const options = [`cluster_size=${image.clusterBytes}`, ...over].join(',');
    const target = [this.place(name).uri, String(image.sizeBytes)];
    await runProgram(
      'qemu-img',
      ['create', '-q', '-f', 'qcow2', '-o', options, ...target],
      120_000,
      this.cleanup,
    );
  }

  /** The bitmaps of an image below, made while it was the top. */
  private async fillBacking(name: string, image: ImageSpec): Promise<void> {
    if (image.bitmaps.length === 0) return;
    const [protocol, top] = diskNodes(this.place(name), 0, true);
    const nodes = [...patternNodes(image.sizeBytes, 'pattern0'), protocol!, { ...top!, backing: null }];
    const qemu = await startQemu(this.cleanup, this.dir, `fill-${name}`, nodes, { disks: [diskName(0)] });
    await this.setBits(qemu, 0, image);
    await qemu.quit();
  }

  async setBits(qemu: Qemu, disk: number, { bitmaps, sizeBytes }: ImageSpec): Promise<void> {
    for (const { granularityBytes, count, content } of bitmaps) {
      const pattern = `pattern${disk}`;
      const all = content.kind === 'fraction' && content.fraction === 1;
      const runs = all ? [{ first: 0, count: Math.ceil(sizeBytes / granularityBytes) }] : [];
      await paintPattern(qemu, runs, granularityBytes, sizeBytes, pattern);
      await addBitmaps(qemu, disk, count, granularityBytes, pattern);
      await removePattern(qemu, pattern);
    }
  }

  private nodes(): BlockNode[] {
    return this.disks.flatMap((disk, i) => {
      const below = (disk.backing ?? []).map((_, depth): BlockNode[] => {
        const name = `back${i}-${depth}`;
        const next = depth + 1 < disk.backing!.length ? `back${i}-${depth + 1}` : null;
        const protocol = {
          driver: 'nbd',
          server: { type: 'unix', path: this.place(name).socket },
          export: '',
        };
        return [
          { ...protocol, 'node-name': `${name}-file`, 'read-only': true },
          { driver: 'qcow2', 'node-name': name, file: `${name}-file`, 'read-only': true, backing: next },
        ];
      });
      const data = disk.dataFile && { ...this.place(`data${i}`), raw: true };
      const own = diskNodes({ ...this.place(`disk${i}`), ...(data && { data }) }, i, true);
      const top = disk.backing ? { ...own.at(-1)!, backing: `back${i}-0` } : own.at(-1)!;
      return [...below.reverse().flat(), ...own.slice(0, -1), top];
    });
  }

  async migrate(): Promise<Sequences> {
    const disks = this.disks.map((_, i) => diskName(i));
    const patterns = this.disks.flatMap(({ sizeBytes }, i) => patternNodes(sizeBytes, `pattern${i}`));
    const source = await startQemu(this.cleanup, this.dir, 'source', [...patterns, ...this.nodes()], {
      disks,
    });
    for (const [i, disk] of this.disks.entries()) await this.setBits(source, i, disk);
    // The source has opened its connections, and the destination's will have higher numbers.
    const sources = new Map([...this.volumes].map(([name, volume]) => [name, lastConnection(volume)]));
    const target = await startQemu(this.cleanup, this.dir, 'target', this.nodes(), { disks, incoming: true });
    for (const qemu of [source, target]) await setCapabilities(qemu);
    await target.qmp.execute('migrate-incoming', { uri: 'unix:migration.sock' });
    const since = source.qmp.events.length;
    await source.qmp.execute('migrate', { uri: 'unix:migration.sock' });
    const stop = await finishMigration(source, since);
    const resume = await target.qmp.wait('RESUME', 0, 60_000);
    const sequences: Record<string, { source: string; destination: string }> = {};
    for (const [name, volume] of this.volumes) {
      const seen = volume.requests(stop.fromUs, resume.timeUs);
      const of = (theirs: boolean): string =>
        sequenceOf(seen.filter(({ connection }) => connection > sources.get(name)! === theirs));
      sequences[name] = { source: of(false), destination: of(true) };
    }
    await source.quit();
    await target.quit();
    return sequences;
  }
}

function lastConnection(volume: Volume): number {
  return Math.max(...volume.requests(0, Number.POSITIVE_INFINITY).map(({ connection }) => connection));
}

async function played(input: ScenarioInput): Promise<{ measured: Sequences; model: Sequences }> {
  const { scenario } = await resolve(input);
  return withCleanup(async (cleanup) => {
    const stage = new Stage(cleanup, scenario.disks);
    await stage.makeImages();
    return { measured: await stage.migrate(), model: await predicted(input, stage.names) };
  });
}

describe.skipIf(missing.length > 0)('a real VM with disks that differ', () => {
  it('sends each of five disks what the model says, a data file and a chain among them', async () => {
    const { measured, model } = await played(VM);
    expect(measured).toEqual(model);
  });

  it('reads the bitmaps of a base under an empty top, and stores nothing for them', async () => {
    const { measured, model } = await played(CHAIN);
    expect(measured).toEqual(model);
    expect(measured['back0-0']!.source).toBe('R32');
    expect(measured['back0-0']!.destination).toMatch(/R65536x64$/);
  });

  it('stores nothing where every bitmap is in a base, and reads them all', async () => {
    const { measured, model } = await played(ALL_BELOW);
    expect(measured).toEqual(model);
    expect(measured.disk0!.source).not.toMatch(/W/);
  });
});
