/**
 * `--storage fio.json`: a storage from what fio measured. The size and direction of a job decide which class of request it
 * speaks for; what no job measured is assumed, and said.
 */
import { formatSize } from '../../base/units.js';
import { type FlushPoint, flushNsPerByte } from '../storage-values/samples.js';
import { spellsIn } from '../storage-values/spells.js';
import { timeText } from '../storage-values/values.js';
import type { Layer, Raw } from '../values/fields.js';
import { type Chosen, chooseFrom, SMALL_BELOW, unusedNote } from './choice.js';
import { type Measured, measuredBy } from './measured.js';
import { varianceOf } from './result-latency.js';
import { type FioResult, fioResults } from './runs.js';

/** Values as a preset file would have them, and what was assumed. */
export interface Imported {
  readonly layer: Layer;
  readonly notes: readonly string[];
}

type Pairs = readonly (readonly [path: string, value: unknown])[];

/** Bytes per second between two sizes, where the larger op takes longer; otherwise what the job itself moved. */
function bandwidth(op: Measured, other?: Measured): number {
  const slope =
    other && other.sizeBytes !== op.sizeBytes
      ? (op.sizeBytes - other.sizeBytes) / (op.meanNs - other.meanNs)
      : 0;
  return slope > 0 ? slope * 1e9 : op.bytesPerS;
}

/** One small request at a time moves far fewer bytes a second than the device can, so a cluster stretched by that rate is too slow. */
function stretched({ kind, sizeBytes }: Measured): string {
  return (
    `no ${kind}s of ${formatSize(SMALL_BELOW)} or more; those of a cluster are taken from ${formatSize(sizeBytes)} ${kind}s ` +
    'and the bandwidth they reached, so their times are overstated: measure with bs=64k'
  );
}

function entries(op: Measured, name: string, bytesPerS: number): Pairs {
  const rate = bytesPerS > 0 ? [[`${name}.bandwidth`, `${Math.round(bytesPerS)}B/s`] as const] : [];
  return [[`${name}.latency`, op.latency], [`${name}.at`, op.sizeBytes], ...rate];
}

/** The flush by itself, and what each byte written before it adds where flushes were measured after different amounts. */
function flushPairs({ flushes, write, synced }: Chosen, notes: string[]): Pairs {
  const [first] = flushes;
  if (first === undefined && synced) {
    notes.push(
      `a flush takes what writes with sync=1 (${synced.jobs.join(', ')}) take longer in the mean than those without`,
    );
    return [['flush.latency', timeText(synced.meanNs - write.meanNs)]];
  }
  if (first === undefined) return [['flush.latency', write.latency]];
  const points = flushes.flatMap(({ conditions, meanNs }): FlushPoint[] =>
    conditions.flushBytes === undefined ? [] : [{ bytes: conditions.flushBytes, ns: meanNs }],
  );
  const perByteNs = flushNsPerByte(points);
  if (perByteNs === 0) return [['flush.latency', first.latency]];
  const fewest = points.reduce((least, point) => (point.bytes < least.bytes ? point : least));
  notes.push(
    `flushes after ${points.map((point) => point.bytes).join(', ')} bytes; the part per byte is the line through the means`,
  );
  return [
    ['flush.latency', timeText(fewest.ns - perByteNs * fewest.bytes)],
    ['flush.per-64k', timeText(perByteNs * 65_536)],
  ];
}

function assumed({ write, small, read, trim, flushes, synced }: Chosen): readonly string[] {
  return [
    ...[write, read].flatMap((op) => (op && op.sizeBytes < SMALL_BELOW ? [stretched(op)] : [])),
    ...(small || write.sizeBytes < SMALL_BELOW
      ? []
      : ['no small writes; they are taken to cost what cluster writes do']),
    ...(read ? [] : ['no reads; they are taken to cost what writes do']),
    ...(trim ? [] : ['no trims; a hole punch is taken to cost what a small write does']),
    ...(flushes.length > 0 || synced
      ? []
      : ['no flushes (fdatasync=N); a flush is taken to cost what a write does']),
  ];
}

/** What the conditions of the chosen jobs do to their figures. */
function conditionNotes({ write, small, read, flushes }: Chosen): readonly string[] {
  const notes: string[] = [];
  const deep = [write, small, read].flatMap((op) => (op && op.conditions.depth > 1 ? [op] : []));
  const names = [...new Set(deep.flatMap(({ jobs }) => jobs))];
  if (names.length > 0)
    notes.push(
      `${names.join(', ')} ran with ${Math.max(...deep.map(({ conditions }) => conditions.depth))} requests in flight; the store has one, ` +
        'so its times are overstated: measure with iodepth=1 and numjobs=1',
    );
  if ([write, small].some((op) => op?.conditions.cached))
    notes.push(
      'ran through the page cache (direct=0); flushes are taken as measured, after as many bytes as fio wrote between them' +
        (flushes.length > 1
          ? ''
          : ', and a store writes more before its own: give results with different fdatasync=N'),
    );
  return notes;
}

/** Slow spells, where the job that speaks for the store's writes tells of them. */
function spellPairs({ windows, latency, meanNs }: Measured, notes: string[]): Pairs {
  if (windows === undefined) return [];
  const { values, note } = spellsIn(windows, { meanNs, varianceNs2: varianceOf(latency, meanNs) });
  notes.push(note);
  return values;
}

/** The storage that the jobs measured. */
export function storageOfJobs(jobs: readonly FioResult[], where: string): Imported {
  const all = measuredBy(jobs, where);
  const chosen = chooseFrom(all, where);
  const { write, small, read, trim } = chosen;
  const notes: string[] = [...assumed(chosen)];
  const pairs: Pairs = [
    ...entries(write, 'write', bandwidth(write, small)),
    ...(small ? entries(small, 'small-write', bandwidth(write, small)) : []),
    ...(read ? entries(read, 'read', read.bytesPerS) : []),
    ...(trim ? [['punch.latency', trim.latency] as const] : []),
    ...flushPairs(chosen, notes),
    ...spellPairs(write, notes),
    ['host-cache', write.conditions.cached ? 'writeback' : 'none'],
  ];
  const unused = unusedNote(all, chosen);
  notes.push(...conditionNotes(chosen), ...(unused === undefined ? [] : [unused]));
  if (jobs.some(({ options }) => options.log !== undefined))
    notes.push('a log does not say how it was made; taken as one request at a time, with direct=1');
  const layer = new Map<string, Raw>(
    pairs.map(([path, raw]) => [path, { raw, where: `${where}: ${path}`, mark: 'measured' }]),
  );
  return { layer, notes: notes.map((note) => `${where}: ${note}`) };
}

/** The values in one output of fio. `where` names flag and file. */
export function storageFromFio(text: string, where: string): Imported {
  return storageOfJobs(fioResults(text, where), where);
}
