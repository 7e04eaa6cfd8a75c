/**
 * The jobs in a text that fio wrote. There may be several documents in it: with --status-interval fio prints its result
 * again and again, and the last whole one is the result; of different runs, put together, all count.
 */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree, treeOf, treesOf } from '../../base/tree.js';
import { jsonDocuments } from '../values/documents.js';
import { logJobs } from './log.js';
import { EXPECTED, isFioLog, refuseText } from './texts.js';
import { inUnitsOfFio3 } from './units.js';

/** A job as fio reports it, in the units of fio 3, with the options that hold for it. */
export interface FioResult {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  /** Jobs of one group run at once. Runs of several texts count on. */
  readonly group: string;
  readonly read: Tree;
  readonly write: Tree;
  readonly trim: Tree;
  /** Share of the time with so many requests in flight, in percent, where it is told. */
  readonly levels: Tree;
  /** Latencies of flushes. */
  readonly sync: Tree;
}

/** Sum over all clients, beside the jobs of each. */
const ALL_CLIENTS = 'All clients';

const jobsIn = (root: Tree): readonly Tree[] => [
  ...treesOf(root.jobs),
  ...treesOf(root.client_stats).filter(({ jobname }) => jobname !== ALL_CLIENTS),
];

/** What tells one run from another: jobs with their options. */
const identity = (root: Tree): string =>
  JSON.stringify([
    root['global options'],
    jobsIn(root).map((job) => [job.jobname, job.groupid, job['job options']]),
  ]);

const flattened = (value: unknown): readonly Tree[] =>
  Array.isArray(value) ? value.flatMap(flattened) : isTree(value) ? [value] : [];

/** Each run once, as it was printed last. */
function lastOfEach(roots: readonly Tree[]): readonly Tree[] {
  return [...new Map(roots.map((root) => [identity(root), root])).values()];
}

/**
 * With `unified_rw_reporting` a job has one figure for all directions: that of its writes where it did nothing else.
 * A job that read as well says nothing of its writes alone.
 */
function unified(job: Tree, options: Tree, where: string): Tree {
  if (!isTree(job.mixed) || isTree(job.write)) return job;
  const direction = /^(?:rand)?(read|write|trim)(?::|$)/.exec(String(options.rw ?? 'read'))?.[1];
  if (direction !== undefined) return { ...job, [direction]: job.mixed };
  throw new InputError(
    `${where}: job ${String(job.jobname)} has one figure for reads and writes together ('mixed'): run it without unified_rw_reporting`,
  );
}

const texts = (tree: Tree): Record<string, string> =>
  Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, String(value)]));

function resultOf(job: Tree, root: Tree, run: string, where: string): FioResult {
  const name = String(job.jobname ?? 'job');
  if (Number(job.error ?? 0) !== 0)
    throw new InputError(`${where}: job ${name} ended with error ${String(job.error)}`);
  const options = texts({ ...treeOf(root['global options']), ...treeOf(job['job options']) });
  const whole = unified(job, options, where);
  return {
    name,
    options,
    group: `${run}/${String(job.groupid ?? 0)}`,
    read: inUnitsOfFio3(treeOf(whole.read)),
    write: inUnitsOfFio3(treeOf(whole.write)),
    trim: inUnitsOfFio3(treeOf(whole.trim)),
    levels: treeOf(whole.iodepth_level),
    sync: treeOf(whole.sync),
  };
}

/** All jobs of a text; InputError where there is none. */
export function fioResults(text: string, where: string): readonly FioResult[] {
  if (isFioLog(text)) return logJobs(text, where).map((job, i) => resultOf(job, {}, `${where}/${i}`, where));
  const { values, cutOff } = jsonDocuments(text, where);
  const roots = values.flatMap(flattened);
  if (roots.length === 0) {
    if (cutOff)
      throw new InputError(`${where}: ends in the middle of its JSON (cut off?), so not ${EXPECTED}`);
    refuseText(text, where);
  }
  const runs = lastOfEach(roots.filter((root) => jobsIn(root).length > 0));
  if (runs.length === 0) throw new InputError(`${where}: no jobs in it; expected ${EXPECTED}`);
  return runs.flatMap((root, i) => jobsIn(root).map((job) => resultOf(job, root, `${where}/${i}`, where)));
}
