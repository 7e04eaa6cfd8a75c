/** Two samples understood: the VM's disks with their bitmaps, and what moved between the samples. */
import { InputError } from '../../base/errors.js';
import { type Tree, treeOf, treesOf } from '../../base/tree.js';
import type { ReportedBitmap } from '../../input/images/image.js';
import { imageFromNode } from '../../input/images/node.js';
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import type { Recording, Sample } from './recording.js';
import { type Chain, type Node, replyIfAny, replyTo } from './replies.js';
import { type RequestsByClass, requestsBetween } from './requests.js';

export interface ObservedBitmap {
  readonly name: string;
  readonly granularityBytes: number;
  readonly recording: boolean;
  /** The image holds an older copy, which the next store replaces. */
  readonly stored: boolean;
  readonly bits: number;
  readonly setBits: number;
  /** Bits set meanwhile; undefined where the bitmap came, or was cleared, in that time. */
  readonly newBits: number | undefined;
}

/** A read-only image under a disk, whose bitmaps a destination reads too. */
export interface ObservedBacking {
  readonly node: string;
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly bitmaps: readonly Omit<ObservedBitmap, 'newBits'>[];
}

export interface ObservedDisk {
  readonly node: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  /** What the image takes on its storage; undefined where that does not say. */
  readonly allocatedBytes: number | undefined;
  /** The image grew while the VM was observed. */
  readonly grew: boolean;
  /** Its writes end in the host's page cache. */
  readonly cached: boolean;
  /** Flushes are ignored (cache=unsafe). */
  readonly unflushed: boolean;
  /** The data lies in a file of its own; this image holds metadata and bitmaps. */
  readonly dataFile: boolean;
  readonly bitmaps: readonly ObservedBitmap[];
  /** From the nearest down; those without bitmaps are left out. */
  readonly backing: readonly ObservedBacking[];
  /** The guest's own; undefined for a disk that belongs to no device. */
  readonly requests: RequestsByClass | undefined;
}

export interface Observation {
  readonly name: string | undefined;
  readonly uuid: string;
  readonly status: string;
  readonly qemu: readonly [major: number, minor: number, micro: number];
  readonly cpus: number | undefined;
  readonly ramBytes: number | undefined;
  /** Bytes of distinct pages dirtied in so many seconds. */
  readonly dirtied: { readonly bytes: number; readonly seconds: number } | undefined;
  readonly downtimeLimitMs: number;
  /** 0: no limit. */
  readonly maxBytesPerS: number;
  readonly capabilities: ReadonlySet<string>;
  readonly seconds: number;
  readonly disks: readonly ObservedDisk[];
  readonly notes: readonly string[];
}

/** Drivers of the host's files and devices; others know no page cache, whatever their `cache.direct` says. */
const HAS_PAGE_CACHE = ['file', 'host_device'];
const UNNAMED_UUID = '00000000-0000-0000-0000-000000000000';

/** A device's nodes from the top down, along what its data goes through. */
function nodesDown(chain: Chain): readonly Chain[] {
  return chain.parent === undefined ? [chain] : [chain, ...nodesDown(chain.parent)];
}

/** Names of the images under a node, from the nearest down. */
function namesUnder({ backing }: Chain): readonly string[] {
  return backing === undefined ? [] : [backing['node-name'] ?? '', ...namesUnder(backing)];
}

const isCalled =
  (name: string) =>
  (each: { readonly 'node-name'?: string | undefined }): boolean =>
    each['node-name'] === name;

/** Nodes whose image a stop would store bitmaps into, if they had any. */
function writableImages(sample: Sample, where: string): readonly Node[] {
  return replyTo(sample, 'query-named-block-nodes', where).filter((node) => node.drv === 'qcow2' && !node.ro);
}

const hasBitmaps = (node: Node): boolean => treesOf(node['dirty-bitmaps']).length > 0;

const qcow2Data = (node: Node): Tree => treeOf(treeOf(node.image['format-specific']).data);

/** Names in the directory that the image has on its storage. */
function namesInImage(node: Node): ReadonlySet<unknown> {
  return new Set(treesOf(qcow2Data(node).bitmaps).map((bitmap) => bitmap.name));
}

interface Pair {
  readonly before: Sample;
  readonly after: Sample;
  readonly where: string;
}

function bitmapOf(bitmap: ReportedBitmap, node: Node, sizeBytes: number): ObservedBacking['bitmaps'][number] {
  const { name, granularityBytes, recording } = bitmap;
  const setBits = Math.ceil((bitmap.setBytes ?? 0) / granularityBytes);
  const bits = bitmapBits(sizeBytes, granularityBytes);
  return { name, granularityBytes, recording, stored: namesInImage(node).has(name), bits, setBits };
}

/** Bits set meanwhile; undefined where nothing says so. */
function newBits(
  now: ObservedBacking['bitmaps'][number],
  before: readonly ReportedBitmap[],
): number | undefined {
  const { name, granularityBytes, setBits } = now;
  const earlier = before.find((each) => each.name === name && each.granularityBytes === granularityBytes);
  const was = earlier && Math.ceil((earlier.setBytes ?? 0) / granularityBytes);
  return was === undefined || setBits < was ? undefined : setBits - was;
}

function requestsOf(node: string, { before, after, where }: Pair): RequestsByClass | undefined {
  const statsIn = (sample: Sample) =>
    replyTo(sample, 'query-blockstats', where).find((entry) => nodesDown(entry).some(isCalled(node)))?.stats;
  const [from, to] = [statsIn(before), statsIn(after)];
  if (!from || !to) return undefined;
  const between = requestsBetween(from, to);
  if (between) return between;
  throw new InputError(
    `${where}: the counters of '${node}' fell between the samples: the VM was started again; observe it once more`,
  );
}

/** The chain that the node is in, from the node down. */
function chainFrom(node: string, { after, where }: Pair): Chain | undefined {
  return replyTo(after, 'query-blockstats', where).flatMap(nodesDown).find(isCalled(node));
}

/** The node of the file that an image is in: with a data file that is not where its data goes. */
function fileNode(image: Node, { after, where }: Pair): Node | undefined {
  return replyTo(after, 'query-named-block-nodes', where).find(
    (each) => each.drv !== image.drv && each.file === image.file,
  );
}

function backingOf(node: string, pair: Pair): readonly ObservedBacking[] {
  const chain = chainFrom(node, pair);
  const nodes = replyTo(pair.after, 'query-named-block-nodes', pair.where);
  return (chain ? namesUnder(chain) : []).flatMap((name) => {
    const below = nodes.find(isCalled(name));
    if (below?.drv !== 'qcow2') return [];
    const { sizeBytes, clusterBytes, bitmaps } = imageFromNode(below, pair.where);
    if (bitmaps.length === 0) return [];
    return [
      {
        node: name,
        sizeBytes,
        clusterBytes,
        bitmaps: bitmaps.map((each) => bitmapOf(each, below, sizeBytes)),
      },
    ];
  });
}

/** The disk of a node; undefined where a migration stores and reads back no bitmap of it. */
function diskBetween(node: Node, pair: Pair, notes: string[]): ObservedDisk | undefined {
  const { before, where } = pair;
  const name = node['node-name'];
  const disk = imageFromNode(node, where);
  const backing = backingOf(name, pair);
  notes.push(...disk.notes);
  if (disk.bitmaps.length === 0 && backing.length === 0) return undefined;
  const nodeBefore = writableImages(before, where).find(isCalled(name));
  if (!nodeBefore)
    throw new InputError(
      `${where}: disk '${name}' is not in the first sample: these are of different VMs, or it was added meanwhile; observe once more`,
    );
  const earlier = imageFromNode(nodeBefore, where);
  if (earlier.sizeBytes !== disk.sizeBytes)
    throw new InputError(`${where}: disk '${name}' changed its size between the samples; observe once more`);
  const file = fileNode(node, pair) ?? node;
  const [was = 0, is = 0] = [nodeBefore, node].map((each) => each.image['actual-size']);
  return {
    node: name,
    file: node.file,
    sizeBytes: disk.sizeBytes,
    clusterBytes: disk.clusterBytes,
    allocatedBytes: is > 0 ? is : undefined,
    grew: is > was,
    cached: HAS_PAGE_CACHE.includes(file.drv) && !file.cache.direct,
    unflushed: file.cache['no-flush'],
    dataFile: typeof qcow2Data(node)['data-file'] === 'string',
    bitmaps: disk.bitmaps
      .map((each) => bitmapOf(each, node, disk.sizeBytes))
      .map((each) => ({ ...each, newBits: newBits(each, earlier.bitmaps) })),
    backing,
    requests: requestsOf(name, pair),
  };
}

/** Refuses samples that are of two VMs, or of two runs of one. */
function checkSame({ before, after, where }: Pair): string {
  const [one, other] = [before, after].map((each) => replyTo(each, 'query-uuid', where).UUID) as [
    string,
    string,
  ];
  if (one !== other) throw new InputError(`${where}: the samples are of different VMs: ${one} and ${other}`);
  if (!(after.timeS > before.timeS))
    throw new InputError(`${where}: the second sample is not later than the first`);
  const gone = writableImages(before, where)
    .filter(hasBitmaps)
    .map((node) => node['node-name'])
    .filter((name) => !writableImages(after, where).some(isCalled(name)));
  if (gone[0] !== undefined)
    throw new InputError(
      `${where}: disk '${gone[0]}' is not in the second sample: these are of different VMs, or it was removed meanwhile; observe once more`,
    );
  return one === UNNAMED_UUID ? '' : one;
}

/** Bytes dirtied; `dirty-rate` is in MiB a second. */
function dirtiedIn({ after, where }: Pair): Observation['dirtied'] {
  const reply = replyIfAny(after, 'query-dirty-rate', where);
  if (reply === undefined) return undefined;
  const perS = reply['dirty-rate'];
  if (reply.status !== 'measured' || perS === undefined || perS < 0)
    throw new InputError(`${where}: query-dirty-rate: nothing measured (status ${reply.status})`);
  return { bytes: perS * 2 ** 20 * reply['calc-time'], seconds: reply['calc-time'] };
}

function disksIn(pair: Pair, notes: string[]): readonly ObservedDisk[] {
  const devices = replyTo(pair.after, 'query-blockstats', pair.where);
  const order = (node: Node): number => {
    const device = devices.findIndex((entry) => nodesDown(entry).some(isCalled(node['node-name'])));
    return device === -1 ? devices.length : device;
  };
  const found = [...writableImages(pair.after, pair.where)]
    .sort((a, b) => order(a) - order(b))
    .flatMap((node) => diskBetween(node, pair, notes) ?? []);

  if (found.length > 0) return found;
  const why = notes[0] === undefined ? '' : ` (${notes[0]})`;
  throw new InputError(
    `${pair.where}: no disk of this VM has a persistent bitmap that a stop would store${why}: its migration has nothing to store`,
  );
}

/** What the recording says; InputError where it is damaged, of two VMs, or of a VM without bitmaps. */
export function understand({ where, first, second }: Recording): Observation {
  const pair: Pair = { before: first, after: second, where };
  const uuid = checkSame(pair);
  const version = replyTo(first, 'query-version', where).qemu;
  const memory = replyIfAny(first, 'query-memory-size-summary', where);
  const parameters = replyTo(first, 'query-migrate-parameters', where);
  const capabilities = replyTo(first, 'query-migrate-capabilities', where).filter(({ state }) => state);
  const { status } = replyTo(second, 'query-status', where);
  const notes: string[] = [];
  return {
    name: replyIfAny(first, 'query-name', where)?.name,
    uuid,
    status,
    qemu: [version.major, version.minor, version.micro],
    cpus: replyIfAny(first, 'query-cpus-fast', where)?.length,
    ramBytes: memory && memory['base-memory'] + (memory['plugged-memory'] ?? 0),
    dirtied: dirtiedIn(pair),
    downtimeLimitMs: parameters['downtime-limit'],
    maxBytesPerS: parameters['max-bandwidth'],
    capabilities: new Set(capabilities.map(({ capability }) => capability)),
    seconds: second.timeS - first.timeS,
    disks: disksIn(pair, notes),
    notes,
  };
}
