/**
 * Jobs of fio (https://fio.readthedocs.io), as far as they say what is written where and how fast: from a list of
 * objects, or from a job file. Options that do not change the writes are passed over.
 */

import { InputError } from '../../base/errors.js';
import { parseSize } from '../../base/units.js';
import { meanSizeBytes } from '../../sim/parameters/size-mix.js';
import type { Extent } from '../../sim/parameters/value-types.js';
import { fioPart } from './option.js';

export type FioDistribution =
  | { readonly kind: 'random' }
  | { readonly kind: 'zipf'; readonly theta: number }
  | { readonly kind: 'pareto'; readonly h: number }
  /** In order of place: percent of the accesses, percent of the size. */
  | { readonly kind: 'zoned'; readonly zones: readonly { readonly access: number; readonly size: number }[] };

export interface FioJob {
  readonly name: string;
  readonly random: boolean;
  readonly sizes: readonly { readonly bytes: number; readonly weight: number }[];
  readonly writesPerS: number;
  readonly poisson: boolean;
  readonly distribution: FioDistribution;
  /** A share is one of the device. */
  readonly offset: Extent;
  /** Undefined: up to the end of the device. */
  readonly size: Extent | undefined;
  /** A random map: no block twice before all were written. fio keeps one unless told not to (`norandommap`). */
  readonly randomMap: boolean;
  readonly numjobs: number;
}

type Options = ReadonlyMap<string, string>;

const WRITES = /^(rand)?(write|rw|readwrite|trimwrite)$/;
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['blocksize', 'bs'],
  ['readwrite', 'rw'],
  ['rate_ops', 'rate_iops'],
  ['random_map', 'randommap'],
]);

function refuse(where: string, key: string, given: string, allowed: string): never {
  throw new InputError(`${where}: ${key}=${given}: ${allowed}`);
}

/** fio counts in 1024 whatever the suffix unless `kb_base=1000`. */
function fioSize(text: string, where: string): number {
  return parseSize(text.trim().replace(/i?b$/i, ''), where);
}

const ofWrites = (text: string | undefined): string | undefined => fioPart(text, 'write');

function extent(text: string, where: string): Extent {
  const percent = /^([\d.]+)%$/.exec(text.trim());
  return percent ? { share: Number(percent[1]) / 100 } : { bytes: fioSize(text, where) };
}

/** `4k/60:64k/40`; a missing percentage takes an equal part of what is left. */
function blockSizes(options: Options, where: string): FioJob['sizes'] {
  const split = ofWrites(options.get('bssplit'));
  if (split === undefined)
    return [{ bytes: fioSize(ofWrites(options.get('bs')) ?? '4k', `${where}: bs`), weight: 1 }];
  const items = split.split(':').map((item) => {
    const [size, percent] = item.split('/');
    return {
      bytes: fioSize(size!, `${where}: bssplit`),
      weight: percent ? Number(percent) / 100 : undefined,
    };
  });
  const given = items.reduce((sum, item) => sum + (item.weight ?? 0), 0);
  const open = items.filter((item) => item.weight === undefined).length;
  return items
    .map((item) => ({ bytes: item.bytes, weight: item.weight ?? Math.max(0, 1 - given) / open }))
    .filter((item) => item.weight > 0);
}

/** What is missing of the percentages of a `zoned` list is shared evenly, as fio does. */
function zoneList(text: string): { access: number; size: number }[] {
  const zones = text.split(':').map((item) => item.split('/').map((v) => (v === '' ? undefined : Number(v))));
  const fill = (k: 0 | 1): number => {
    const open = zones.filter((zone) => zone[k] === undefined).length;
    return (100 - zones.reduce((sum, zone) => sum + (zone[k] ?? 0), 0)) / Math.max(1, open);
  };
  const [access, size] = [fill(0), fill(1)];
  return zones.map((zone) => ({ access: zone[0] ?? access, size: zone[1] ?? size }));
}

/** Of fio, where a distribution is named without its parameter. */
const DEFAULTS: Readonly<Record<string, string>> = { zipf: '1.1', pareto: '0.2' };

function distribution(text: string, where: string): FioDistribution {
  const [kind, ...rest] = text.split(':') as [string, ...string[]];
  const value = Number(rest[0] ?? DEFAULTS[kind]);
  const allowed = 'stopgap knows random, zipf:theta, pareto:h and zoned:access/size:…';
  if (kind !== 'zoned' && rest.length > 1) refuse(where, 'random_distribution', text, allowed);
  switch (kind) {
    case 'random':
      return { kind };
    case 'zipf':
      if (!(value > 0) || value === 1)
        refuse(where, 'random_distribution', text, 'theta is more than 0, and not 1');
      return { kind, theta: value };
    case 'pareto':
      if (!(value > 0 && value < 1)) refuse(where, 'random_distribution', text, 'h lies between 0 and 1');
      return { kind, h: value };
    case 'zoned':
      return { kind, zones: zoneList(ofWrites(rest.join(':')) ?? '') };
    default:
      return refuse(where, 'random_distribution', text, allowed);
  }
}

function rate(options: Options, sizes: FioJob['sizes'], where: string): number | undefined {
  const iops = ofWrites(options.get('rate_iops'));
  if (iops !== undefined) return fioSize(iops, `${where}: rate_iops`);
  const bytesPerS = ofWrites(options.get('rate'));
  return bytesPerS === undefined ? undefined : fioSize(bytesPerS, `${where}: rate`) / meanSizeBytes(sizes);
}

const SEVERAL_FILES = 'several files are several disks; give one';

/** What changes where, when or how much is written, and is not modelled: a job with it is refused, not misread. */
const UNKNOWN: Readonly<Record<string, string>> = {
  bsrange: 'which sizes it draws is not modelled; give bssplit',
  blocksize_range: 'which sizes it draws is not modelled; give bssplit',
  bs_unaligned: 'places between the blocks are not modelled',
  offset_increment: 'jobs at different offsets are not modelled as one; write a job for each',
  percentage_random: 'a mix of sequential and random is two jobs here',
  read_iolog: 'it replays a log; give the log itself',
  include: 'other files are not read; put everything into one',
  stonewall: 'jobs one after another are not modelled; all run at once',
  startdelay: 'jobs that begin later are not modelled; all run at once',
  thinktime: 'pauses are not modelled; give a rate',
  nrfiles: SEVERAL_FILES,
  zonesize: 'zones that it moves through are not modelled; random_distribution=zoned:… is',
};

function refuseUnknown(options: Options, where: string): void {
  for (const [key, why] of Object.entries(UNKNOWN)) {
    const given = options.get(key);
    if (given !== undefined && given !== '0' && !(key === 'nrfiles' && given === '1'))
      refuse(where, key, given, why);
  }
  const files = options.get('filename');
  if (files !== undefined && /[^\\]:/.test(files)) refuse(where, 'filename', files, SEVERAL_FILES);
  const rw = options.get('rw');
  if (rw?.includes(':'))
    refuse(where, 'rw', rw, 'runs of blocks between two draws are not modelled; give it without the number');
}

function copies(options: Options, where: string): number {
  const given = options.get('numjobs') ?? '1';
  if (!/^[1-9]\d{0,3}$/.test(given)) refuse(where, 'numjobs', given, 'a whole number from 1 to 9999');
  return Number(given);
}

/** A job that may leave open how fast it writes. */
type OpenJob = Omit<FioJob, 'writesPerS'> & { readonly writesPerS: number | undefined };

/** Undefined where the job writes nothing. */
function jobFrom(name: string, options: Options, where: string): OpenJob | undefined {
  const rw = options.get('rw')?.split(':')[0] ?? 'read';
  if (!WRITES.test(rw)) return undefined;
  refuseUnknown(options, where);
  const sizes = blockSizes(options, where);
  const size = options.get('size');
  return {
    name,
    random: rw.startsWith('rand'),
    sizes,
    writesPerS: rate(options, sizes, where),
    poisson: options.get('rate_process') === 'poisson',
    distribution: distribution(options.get('random_distribution') ?? 'random', where),
    offset: extent(options.get('offset') ?? '0', `${where}: offset`),
    size: size === undefined ? undefined : extent(size, `${where}: size`),
    randomMap: !options.has('norandommap') || options.get('norandommap') === '0',
    numjobs: copies(options, where),
  };
}

/**
 * Jobs with a rate each. `totalPerS`, where it is given, is that of all together: what jobs with a rate of their own leave
 * of it is shared by the others, evenly over their copies.
 */
function rated(
  jobs: readonly (OpenJob | undefined)[],
  where: string,
  totalPerS: number | undefined,
): FioJob[] {
  const all = jobs.filter((job) => job !== undefined);
  if (all.length === 0)
    throw new InputError(`${where}: no job of it writes; give one with rw=randwrite or rw=write`);
  const open = all.filter(({ writesPerS }) => writesPerS === undefined);
  const known = all.reduce((sum, { writesPerS = 0, numjobs }) => sum + writesPerS * numjobs, 0);
  const left = (totalPerS ?? known) - known;
  if (open.length > 0 && totalPerS === undefined)
    throw new InputError(
      `${where}: [${open[0]!.name}]: neither rate_iops nor rate for its writes: how fast the job writes depends on the storage; give one, or --write-iops`,
    );
  if (open.length > 0 && left <= 0)
    throw new InputError(
      `${where}: [${open[0]!.name}] has no rate, and the other jobs already write ${known} a second of the ${totalPerS} given`,
    );
  const each = left / open.reduce((sum, { numjobs }) => sum + numjobs, 0);
  return all.map((job) => ({ ...job, writesPerS: job.writesPerS ?? each }));
}

/**
 * Jobs as a JSON list of objects of options (the `jobs` column of dirty_runs.csv); `common` holds the options of the
 * command line.
 */
export function fioJobsFromJson(
  text: string,
  common: Readonly<Record<string, string | number>>,
  where: string,
): FioJob[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list))
    throw new InputError(`${where}: jobs: '${text}' is not a JSON list of fio options`);
  const jobs = list.map((item: unknown, i) => {
    const options = Object.entries({ ...common, ...(item as object) }).map(
      ([k, v]) => [k, String(v)] as const,
    );
    return jobFrom(`job ${i + 1}`, new Map(options), `${where}: job ${i + 1}`);
  });
  return rated(jobs, where, undefined);
}

/**
 * A job file: sections in brackets, `key=value` lines, `[global]` sections valid for the jobs after them. `totalPerS`:
 * writes per second of all jobs, for those that have no rate.
 */
export function fioJobsFromIni(text: string, where: string, totalPerS?: number): FioJob[] {
  const jobs: { name: string; options: Map<string, string> }[] = [];
  let global = new Map<string, string>();
  let current: Map<string, string> | undefined;
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/[;#].*$/, '').trim(); // as fio: a comment may follow a value
    if (line === '') continue;
    const section = /^\[(.+)\]$/.exec(line);
    if (section?.[1] === 'global') current = global = new Map(global);
    else if (section) jobs.push({ name: section[1]!, options: (current = new Map(global)) });
    else if (current === undefined)
      throw new InputError(`${where}: line ${i + 1}: '${line}' stands before any [job]`);
    else {
      const at = line.indexOf('=');
      const key = (at < 0 ? line : line.slice(0, at)).trim();
      current.set(ALIASES.get(key) ?? key, at < 0 ? '1' : line.slice(at + 1).trim());
    }
  }
  let file: string | undefined;
  return rated(
    jobs.map(({ name, options }) => {
      const job = jobFrom(name, options, `${where}: [${name}]`);
      const own = options.get('filename');
      if (job) file ??= own;
      if (job && own !== undefined && own !== file)
        refuse(`${where}: [${name}]`, 'filename', own, SEVERAL_FILES);
      return job;
    }),
    where,
    totalPerS,
  );
}
