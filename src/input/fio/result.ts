/**
 * `--storage fio.json`: a storage from what fio measured (`--output-format=json` or `json+`). The size and direction of
 * a job decide which class of op it speaks for; what no job measured is assumed, and said.
 */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree, treeOf, treesOf } from '../../base/tree.js';
import { formatSize, parseSize } from '../../base/units.js';
import type { Layer, Raw } from '../values/fields.js';
import { parseJson } from '../values/files.js';
import { type FioDirection, fioPart } from './option.js';
import { histogramOf } from './result-latency.js';

/** Values as a preset file would have them, and what was assumed. */
export interface Imported {
  readonly layer: Layer;
  readonly notes: readonly string[];
}

interface Measured {
  readonly kind: 'read' | 'write' | 'trim' | 'sync';
  readonly sizeBytes: number;
  readonly latency: Tree;
  readonly meanNs: number;
  readonly bytesPerS: number;
  readonly job: string;
}

/** Writes below this speak for small writes (tables, directory), others for whole clusters. */
const SMALL_BELOW = 32_768;

const number = (tree: Tree, key: string): number =>
  typeof tree[key] === 'number' ? (tree[key] as number) : 0;

function optionsOf(job: Tree, global: Tree): Tree {
  return { ...global, ...treeOf(job['job options']) };
}

function blockSize(options: Tree, kind: FioDirection, direction: Tree): number {
  const given = typeof options.bs === 'string' ? fioPart(options.bs, kind) : undefined;
  if (given !== undefined) return parseSize(given, 'bs');
  const ios = number(direction, 'total_ios');
  return ios > 0 ? Math.round(number(direction, 'io_bytes') / ios) : 4096;
}

function measuredIn(job: Tree, global: Tree, where: string): readonly Measured[] {
  const name = String(job.jobname ?? 'job');
  const options = optionsOf(job, global);
  const found: Measured[] = [];
  for (const kind of ['read', 'write', 'trim'] as const) {
    const direction = treeOf(job[kind]);
    if (number(direction, 'total_ios') === 0) continue;
    const total = treeOf(direction.lat_ns);
    const own = isTree(total.bins) || isTree(total.percentile);
    const shiftNs = own ? 0 : number(treeOf(direction.slat_ns), 'mean');
    const { latency, meanNs } = histogramOf(
      own ? total : treeOf(direction.clat_ns),
      shiftNs,
      `${where}: ${name}.${kind}`,
    );
    found.push({
      kind,
      sizeBytes: blockSize(options, kind, direction),
      latency,
      meanNs,
      bytesPerS: number(direction, 'bw_bytes'),
      job: name,
    });
  }
  const sync = treeOf(treeOf(job.sync).lat_ns);
  // sync.total_ios is 0 with libaio; N is right.
  if (number(sync, 'N') > 0) {
    const { latency, meanNs } = histogramOf(sync, 0, `${where}: ${name}.sync`);
    found.push({ kind: 'sync', sizeBytes: 0, latency, meanNs, bytesPerS: 0, job: name });
  }
  return found;
}

/** Bytes per second between two sizes, where the larger op takes longer; otherwise what the job itself moved. */
function bandwidth(op: Measured, other?: Measured): number {
  const slope =
    other && other.sizeBytes !== op.sizeBytes
      ? (op.sizeBytes - other.sizeBytes) / (op.meanNs - other.meanNs)
      : 0;
  return slope > 0 ? slope * 1e9 : op.bytesPerS;
}

function nearest(all: readonly Measured[], kind: Measured['kind'], sizeBytes: number): Measured | undefined {
  const distance = (op: Measured): number => Math.abs(Math.log2(op.sizeBytes / sizeBytes));
  return all.filter((op) => op.kind === kind).sort((a, b) => distance(a) - distance(b))[0];
}

function depthNotes(jobs: readonly Tree[], global: Tree, where: string): readonly string[] {
  return jobs.flatMap((job) => {
    const options = optionsOf(job, global);
    const depth = Number(options.iodepth ?? 1) * Number(options.numjobs ?? 1);
    return depth > 1
      ? [
          `${where}: ${String(job.jobname)} ran with ${depth} requests in flight; the store has one, so its times are overstated: measure with iodepth=1`,
        ]
      : [];
  });
}

/** One small request at a time moves far fewer bytes a second than the device can, so a cluster stretched by that rate is too slow. */
function stretched({ kind, sizeBytes }: Measured): string {
  return (
    `no ${kind}s of ${formatSize(SMALL_BELOW)} or more; those of a cluster are taken from ${formatSize(sizeBytes)} ${kind}s ` +
    'and the bandwidth they reached, so their times are overstated: measure with bs=64k'
  );
}

function entries(op: Measured, name: string, bytesPerS: number): readonly [string, unknown][] {
  const rate: readonly [string, unknown][] =
    bytesPerS > 0 ? [[`${name}.bandwidth`, `${Math.round(bytesPerS)}B/s`]] : [];
  return [[`${name}.latency`, op.latency], [`${name}.at`, op.sizeBytes], ...rate];
}

function assemble(
  all: readonly Measured[],
  where: string,
): { readonly pairs: readonly [string, unknown][]; readonly notes: readonly string[] } {
  const writes = all.filter((op) => op.kind === 'write');
  const large = nearest(
    writes.filter((op) => op.sizeBytes >= SMALL_BELOW),
    'write',
    65_536,
  );
  const small = nearest(
    writes.filter((op) => op.sizeBytes < SMALL_BELOW),
    'write',
    4096,
  );
  const write = large ?? small;
  if (!write)
    throw new InputError(
      `${where}: no job of it wrote; the store needs write latencies (rw=randwrite, bs=64k, iodepth=1, fdatasync=N)`,
    );
  const read = nearest(all, 'read', 65_536);
  const trim = nearest(all, 'trim', 65_536);
  const sync = all.find((op) => op.kind === 'sync');
  const notes: string[] = [];
  const assume = (measured: unknown, text: string): void => {
    if (!measured) notes.push(`${where}: ${text}`);
  };
  for (const op of [write, ...(read ? [read] : [])]) assume(op.sizeBytes >= SMALL_BELOW, stretched(op));
  assume(small, 'no small writes; they are taken to cost what cluster writes do');
  assume(read, 'no reads; they are taken to cost what writes do');
  assume(trim, 'no trims; a hole punch is taken to cost what a small write does');
  assume(sync, 'no flushes (fdatasync=N); a flush is taken to cost what a write does');
  const pairs: [string, unknown][] = [
    ...entries(write, 'write', bandwidth(write, large ? small : undefined)),
  ];
  if (small && large) pairs.push(...entries(small, 'small-write', bandwidth(large, small)));
  if (read) pairs.push(...entries(read, 'read', read.bytesPerS));
  if (trim) pairs.push(['punch.latency', trim.latency]);
  pairs.push(['flush.latency', (sync ?? write).latency]);
  return { pairs, notes };
}

/** The values in fio's output. `where` names flag and file. */
export function storageFromFio(text: string, where: string): Imported {
  const parsed = parseJson(text, where, 'the output of fio --output-format=json');
  const root = treeOf(parsed);
  const jobs = treesOf(root.jobs);
  if (jobs.length === 0)
    throw new InputError(`${where}: no jobs in it; expected the output of fio --output-format=json`);
  const global = treeOf(root['global options']);
  const { pairs, notes } = assemble(
    jobs.flatMap((job) => measuredIn(job, global, where)),
    where,
  );
  // Of jobs that only punch holes, direct says nothing.
  const moves = (job: Tree): boolean =>
    number(treeOf(job.read), 'total_ios') > 0 || number(treeOf(job.write), 'total_ios') > 0;
  const cached = jobs.some((job) => moves(job) && Number(optionsOf(job, global).direct ?? 0) !== 1);
  const layer = new Map<string, Raw>(
    [...pairs, ['host-cache', cached ? 'writeback' : 'none'] as const].map(([path, raw]) => [
      path,
      { raw, where: `${where}: ${path}` },
    ]),
  );
  const cacheNotes = cached
    ? [
        `${where}: ran through the page cache (direct=0); flushes are taken as measured, after as many bytes as fio wrote between them`,
      ]
    : [];
  return { layer, notes: [...notes, ...cacheNotes, ...depthNotes(jobs, global, where)] };
}
