/**
 * A real VM whose disks differ: each file of each disk (image, data file, images below) is a volume of its own, so that
 * every request to each of them is seen.
 */
import { tmpdir } from 'node:os';
import { namedStream } from '../../kernel/rng.js';
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import type { BitmapSpec, DiskSpec, ImageSpec, Scenario, StorageSpec } from '../../sim/scenario.js';
import { groupName } from '../../sim/stop/bitmaps.js';
import { dataStorage, imageStorage } from '../../sim/storage/places.js';
import type { Cleanup } from '../process/cleanup.js';
import { runProgram } from '../process/programs.js';
import { contentRuns, type GranuleRun } from './content.js';
import { startVolume, type Volume } from './nbdkit.js';
import { type BlockNode, type Qemu, startQemu } from './qemu.js';
import { type LoggedRequest, sequenceOf } from './requests.js';
import { finishMigration, resumeSource, setCapabilities, stopOnce } from './stop.js';
import {
  addBitmaps,
  createImage,
  diskName,
  diskNodes,
  paintPattern,
  patternNodes,
  removePattern,
} from './test-image.js';

/** A file of a disk, and the storage that it lies on. */
export interface DiskFile {
  readonly name: string;
  readonly storage: StorageSpec;
}

/** The files of one disk, the image first. */
export function filesOf(scenario: Pick<Scenario, 'storage'>, disk: DiskSpec, i: number): readonly DiskFile[] {
  return [
    { name: `disk${i}`, storage: imageStorage(scenario, disk) },
    ...(disk.dataFile ? [{ name: `data${i}`, storage: dataStorage(scenario, disk) }] : []),
    ...(disk.backing ?? []).map((image, depth) => ({
      name: backingName(i, depth),
      storage: dataStorage(scenario, image),
    })),
  ];
}

/** The file of an image under disk `i`, `depth` below its nearest. */
export const backingName = (i: number, depth: number): string => `back${i}-${depth}`;

/** Where the set bits of a group of bitmaps are; of the seed and the image's name, the same each time. */
export function runsOf(image: string, group: number, spec: BitmapSpec, sizeBytes: number): GranuleRun[] {
  const { content, granularityBytes } = spec;
  const total = bitmapBits(sizeBytes, granularityBytes);
  const rng = namedStream(1, 0, `content/${image}/${group}`);
  switch (content.kind) {
    case 'fraction':
      return contentRuns(content.layout, Math.round(content.fraction * total), total, rng);
    case 'count':
      return contentRuns('uniform', content.bits, total, rng);
    case 'age':
      throw new Error('bits of an age are not known before a guest has run');
  }
}

/** Requests of both sides to each file, as one line each. */
export type Sequences = Readonly<Record<string, { readonly source: string; readonly destination: string }>>;

/** One migration: what was asked of each file, and how long it took. */
export interface StagedStop {
  readonly sequences: Sequences;
  /** STOP to completed on the source. */
  readonly sourceMs: number;
  /** STOP to RESUME. */
  readonly blackoutMs: number;
}

interface DiskStageOptions {
  /** Every request to a file on this storage takes so long, in whole milliseconds; left out: as fast as it goes. */
  readonly delayMs?: (storage: StorageSpec) => number;
}

const RESUME_TIMEOUT_MS = 120_000;

/** The VM; one migration each. */
export class DiskStage {
  readonly volumes = new Map<string, Volume>();
  private readonly cleanup: Cleanup;
  private readonly dir: string;
  private readonly scenario: Pick<Scenario, 'storage' | 'disks'>;
  private readonly delayMs: (storage: StorageSpec) => number;

  constructor(
    cleanup: Cleanup,
    scenario: Pick<Scenario, 'storage' | 'disks'>,
    { delayMs = () => 0 }: DiskStageOptions = {},
  ) {
    this.cleanup = cleanup;
    this.scenario = scenario;
    this.delayMs = delayMs;
    this.dir = cleanup.tempDir(tmpdir(), 'run');
  }

  /** Bytes of each volume's name, as it stands in the header of an image above it. */
  get names(): ReadonlyMap<string, number> {
    return new Map([...this.volumes].map(([name, { uri }]) => [name, uri.length]));
  }

  private place(name: string) {
    const { socket, uri } = this.volumes.get(name)!;
    return { kind: 'nbd', socket, uri } as const;
  }

  /** Starts the volumes. */
  async start(): Promise<void> {
    for (const [i, disk] of this.scenario.disks.entries())
      for (const { name, storage } of filesOf(this.scenario, disk, i)) {
        const ms = this.delayMs(storage);
        const delays = { readDelayMs: ms, writeDelayMs: ms, trimDelayMs: ms };
        this.volumes.set(name, await startVolume(this.cleanup, this.dir, name, delays));
      }
  }

  /** Makes the images, those below with their bitmaps. */
  async makeImages(): Promise<void> {
    for (const [i, disk] of this.scenario.disks.entries()) {
      const images = [disk, ...(disk.backing ?? [])];
      for (const [level, image] of [...images.entries()].reverse()) {
        const below = level + 1 < images.length ? backingName(i, level) : undefined;
        const name = level === 0 ? `disk${i}` : backingName(i, level - 1);
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
    const args = [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-o',
      options,
      this.place(name).uri,
      String(image.sizeBytes),
    ];
    await runProgram('qemu-img', args, 120_000, this.cleanup);
  }

  /** The bitmaps of an image below, made while it was the top. */
  private async fillBacking(name: string, image: ImageSpec): Promise<void> {
    if (image.bitmaps.length === 0) return;
    const [protocol, top] = diskNodes(this.place(name), 0, true);
    const nodes = [...patternNodes(image.sizeBytes, 'pattern0'), protocol!, { ...top!, backing: null }];
    const qemu = await startQemu(this.cleanup, this.dir, `fill-${name}`, nodes, { disks: [diskName(0)] });
    await this.setBits(qemu, 0, name, image, () => true);
    await qemu.quit();
  }

  private async setBits(
    qemu: Qemu,
    disk: number,
    name: string,
    { bitmaps, sizeBytes }: ImageSpec,
    isMeant: (spec: BitmapSpec) => boolean,
  ): Promise<void> {
    const pattern = `pattern${disk}`;
    for (const [group, spec] of bitmaps.entries()) {
      if (!isMeant(spec)) continue;
      const { granularityBytes, count, recording } = spec;
      const runs = runsOf(name, group, spec, sizeBytes);
      await paintPattern(qemu, runs, granularityBytes, sizeBytes, pattern);
      const nameOf = (member: number): string => `${groupName(group)}${member}`;
      await addBitmaps(qemu, disk, count, granularityBytes, { pattern, nameOf });
      await removePattern(qemu, pattern);
      for (let member = 0; member < count && !recording; member++)
        await qemu.qmp.execute('block-dirty-bitmap-disable', { node: diskName(disk), name: nameOf(member) });
    }
  }

  private async setTopBits(qemu: Qemu, isMeant: (spec: BitmapSpec) => boolean): Promise<void> {
    for (const [i, disk] of this.scenario.disks.entries())
      await this.setBits(qemu, i, `disk${i}`, disk, isMeant);
  }

  private nodes(): BlockNode[] {
    return this.scenario.disks.flatMap((disk, i) => {
      const below = (disk.backing ?? []).map((_, depth, all): BlockNode[] => {
        const name = backingName(i, depth);
        const next = depth + 1 < all.length ? backingName(i, depth + 1) : null;
        const server = { type: 'unix', path: this.place(name).socket };
        return [
          { driver: 'nbd', server, export: '', 'node-name': `${name}-file`, 'read-only': true },
          { driver: 'qcow2', 'node-name': name, file: `${name}-file`, 'read-only': true, backing: next },
        ];
      });
      const data = disk.dataFile && { ...this.place(`data${i}`), raw: true };
      const own = diskNodes({ ...this.place(`disk${i}`), ...(data && { data }) }, i, disk.discard);
      const top = disk.backing ? { ...own.at(-1)!, backing: backingName(i, 0) } : own.at(-1)!;
      return [...below.reverse().flat(), ...own.slice(0, -1), top];
    });
  }

  /** Migrates to a second QEMU. Bitmaps with an older copy are stored once before. */
  async migrate(): Promise<StagedStop> {
    const disks = this.scenario.disks.map((_, i) => diskName(i));
    const patterns = this.scenario.disks.flatMap(({ sizeBytes }, i) =>
      patternNodes(sizeBytes, `pattern${i}`),
    );
    const nodes = [...patterns, ...this.nodes()];
    const source = await startQemu(this.cleanup, this.dir, 'source', nodes, { disks });
    await setCapabilities(source);
    if (this.scenario.disks.some(({ bitmaps }) => bitmaps.some(({ stored }) => stored))) {
      await this.setTopBits(source, ({ stored }) => stored);
      await stopOnce(source);
      await resumeSource(source);
    }
    await this.setTopBits(source, ({ stored }) => !stored);
    // The source has opened its connections, and the destination's will have higher numbers.
    const sources = new Map([...this.volumes].map(([name, volume]) => [name, lastConnection(volume)]));
    const target = await startQemu(this.cleanup, this.dir, 'target', this.nodes(), { disks, incoming: true });
    await setCapabilities(target);
    await target.qmp.execute('migrate-incoming', { uri: 'unix:migration.sock' });
    const since = source.qmp.events.length;
    await source.qmp.execute('migrate', { uri: 'unix:migration.sock' });
    const stop = await finishMigration(source, since);
    const resume = await target.qmp.wait('RESUME', 0, RESUME_TIMEOUT_MS);
    const sequences: Record<string, { source: string; destination: string }> = {};
    for (const [name, volume] of this.volumes) {
      const seen = volume.requests(stop.fromUs, resume.timeUs);
      const of = (isTheirs: boolean): readonly LoggedRequest[] =>
        seen.filter(({ connection }) => connection > sources.get(name)! === isTheirs);
      sequences[name] = { source: sequenceOf(of(false)), destination: sequenceOf(of(true)) };
    }
    await source.quit();
    await target.quit();
    return { sequences, sourceMs: stop.stopMs, blackoutMs: (resume.timeUs - stop.fromUs) / 1000 };
  }
}

function lastConnection(volume: Volume): number {
  return Math.max(...volume.requests(0, Number.POSITIVE_INFINITY).map(({ connection }) => connection));
}
