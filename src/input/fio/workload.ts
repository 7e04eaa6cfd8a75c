/** `--workload job.fio`: the writes of a fio job file as a synthetic guest. */
import { InputError } from '../../base/errors.js';
import { percent as exactPercent } from '../../base/exact-text.js';
import type { Extent } from '../../sim/parameters/value-types.js';
import type { Raw } from '../values/fields.js';
import { isFile, readText } from '../values/files.js';
import { type FioJob, fioJobsFromIni } from './jobs.js';
import type { Imported } from './result.js';

/** A job file begins with a `[section]`, after comments; a trace has none. */
export function isFioJob(path: string): boolean {
  if (!isFile(path)) return false;
  try {
    return /^(\s*([#;].*)?\n)*\s*\[[^\]\n]+\]\s*([#;].*)?\n/.test(readText(path, path).slice(0, 65_536));
  } catch {
    return false;
  }
}

/** fio's random map keeps it from writing a block again before all of them were written. */
const REPEATS =
  'random writes are drawn independently here; fio without norandommap writes no block twice before all of them, so it fills a small area sooner';
const drawsWithoutRepeats = (job: FioJob): boolean =>
  job.random && job.randomMap && job.distribution.kind === 'random';

/** Enough for fio's own percentages. */
const PERCENT_DIGITS = 9;
const percent = (share: number): string => exactPercent(share, PERCENT_DIGITS);
const extent = (given: Extent): string | number => ('share' in given ? percent(given.share) : given.bytes);

function pattern(job: FioJob, where: string): unknown {
  if (!job.random) return 'sequential';
  const { distribution } = job;
  if (distribution.kind === 'random') return 'uniform';
  if (distribution.kind === 'zipf') return `zipf:${distribution.theta}`;
  if (distribution.kind === 'zoned')
    return {
      zones: distribution.zones.map(({ access, size }) => ({
        space: percent(size / 100),
        writes: percent(access / 100),
      })),
    };
  throw new InputError(
    `${where}: [${job.name}] random_distribution=${distribution.kind} is not modelled; random, zipf and zoned are`,
  );
}

function valuesOf(job: FioJob, where: string): Readonly<Record<string, unknown>> {
  const sizes = job.sizes.map(({ bytes, weight }) => [String(bytes), percent(weight)] as const);
  return {
    'write-size': Object.fromEntries(sizes),
    pattern: pattern(job, where),
    offset: extent(job.offset),
    ...(job.size === undefined ? {} : { footprint: extent(job.size) }),
  };
}

/** Copies of a job write to the same place: sequential ones the same blocks, zipf ones each its own favourites. */
function copies(job: FioJob): FioJob[] {
  const asOne = job.random && job.distribution.kind !== 'zipf';
  return asOne ? [job] : Array.from({ length: job.numjobs }, () => ({ ...job, numjobs: 1 }));
}

/**
 * The writes of the job file as values of a workload preset; several jobs are mixed by their rates. `totalPerS`: of all
 * jobs, as the user says it.
 */
export function workloadFromFioJob(text: string, where: string, totalPerS?: number): Imported {
  const jobs = fioJobsFromIni(text, where, totalPerS).flatMap(copies);
  const rate = (job: FioJob): number => job.writesPerS * job.numjobs;
  const total = jobs.reduce((sum, job) => sum + rate(job), 0);
  const one = jobs.length === 1 ? valuesOf(jobs[0]!, where) : undefined;
  const mix = jobs.map((job) => ({ weight: percent(rate(job) / total), ...valuesOf(job, where) }));
  const all: Readonly<Record<string, unknown>> = {
    ...(one ?? { mix }),
    'write-iops': total,
    arrivals: jobs.every((job) => job.poisson) ? 'poisson' : 'deterministic',
  };
  const layer = new Map<string, Raw>(
    Object.entries(all).map(([path, raw]) => [path, { raw, where: `${where}: ${path}` }]),
  );
  return {
    layer,
    notes: [
      `${where}: a fio job says nothing of RAM; half of it is taken to be used, and none dirtied`,
      ...(jobs.some(drawsWithoutRepeats) ? [`${where}: ${REPEATS}`] : []),
    ],
  };
}
