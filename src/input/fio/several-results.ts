/**
 * Several outputs of fio as one storage. One output is what `--storage fio.json` reads; what more of them can tell is
 * how a flush grows with the bytes written before it, when jobs flushed after different numbers of writes.
 */
import { InputError } from '../../base/errors.js';
import { type Tree, treeOf, treesOf } from '../../base/tree.js';
import { parseSize } from '../../base/units.js';
import { type FlushPoint, flushNsPerByte } from '../storage-values/samples.js';
import { type StorageValues, timeText } from '../storage-values/values.js';
import { parseJson } from '../values/files.js';
import { fioPart } from './option.js';
import { storageFromFio } from './result.js';

export interface FioText {
  /** File name, for messages. */
  readonly name: string;
  readonly text: string;
}

const EXPECTED = 'the output of fio --output-format=json';
const DEFAULT_BLOCK = '4k';

export function fioValues(files: readonly FioText[]): StorageValues {
  const where = files.map((file) => file.name).join(', ');
  const jobs = files.flatMap(jobsOf);
  const { layer, notes } = storageFromFio(JSON.stringify({ jobs }), where);
  const values = new Map([...layer].map(([path, { raw }]) => [path, raw]));
  const points = jobs.flatMap((job) => flushPoint(job, where));
  const perByteNs = flushNsPerByte(points);
  if (perByteNs === 0) return { values, notes };
  const fewest = points.reduce((least, point) => (point.bytes < least.bytes ? point : least));
  values.set('flush.latency', timeText(fewest.ns - perByteNs * fewest.bytes));
  values.set('flush.per-64k', timeText(perByteNs * 65_536));
  const bytes = points.map((point) => point.bytes).join(', ');
  return {
    values,
    notes: [
      ...notes,
      `${where}: flushes after ${bytes} bytes; the part per byte is the line through the means`,
    ],
  };
}

/** The jobs of one output, with the options that hold for all of them. */
function jobsOf({ name, text }: FioText): Tree[] {
  const parsed = parseJson(text, name, EXPECTED);
  const root = treeOf(parsed);
  const jobs = treesOf(root.jobs);
  if (jobs.length === 0) throw new InputError(`${name}: no jobs in it; expected ${EXPECTED}`);
  return jobs.map((job) => {
    if (Number(job.error ?? 0) !== 0)
      throw new InputError(`${name}: job ${String(job.jobname)} ended with error ${String(job.error)}`);
    return { ...job, 'job options': { ...treeOf(root['global options']), ...treeOf(job['job options']) } };
  });
}

function flushPoint(job: Tree, where: string): FlushPoint[] {
  const options = treeOf(job['job options']);
  const latency = treeOf(treeOf(job.sync).lat_ns);
  const every = Number(options.fdatasync ?? options.fsync ?? 0);
  if (!(every > 0 && Number(latency.N) > 0)) return [];
  const block = parseSize(fioPart(String(options.bs ?? ''), 'write') ?? DEFAULT_BLOCK, `${where}: bs`);
  return [{ bytes: every * block, ns: Number(latency.mean) }];
}
