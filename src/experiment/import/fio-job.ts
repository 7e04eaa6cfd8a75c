/** `--workload job.fio`: the writes of a fio job file as a synthetic guest. */
import { InputError } from '../../base/errors.js';
import type { Raw } from '../fields.js';
import { isFile, readText } from '../files.js';
import type { Imported } from './fio.js';

type Options = Readonly<Record<string, string>>;

interface Part {
  readonly rate: number | undefined;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly poisson: boolean;
}

/** A job file has sections; a trace has none. Only text with a `[section]` as its first line counts. */
export function isFioJob(path: string): boolean {
  if (!isFile(path)) return false;
  try {
    return /^(\s*([#;].*)?\n)*\s*\[[^\]\n]+\]\s*\n/.test(readText(path, path).slice(0, 65_536));
  } catch {
    return false;
  }
}

function sections(text: string): readonly { readonly name: string; readonly options: Options }[] {
  const found: { name: string; options: Record<string, string> }[] = [];
  let global: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const clean = line.replace(/\s*[#;].*$/, '').trim();
    const head = /^\[(.+)\]$/.exec(clean);
    if (head) {
      const name = head[1]!;
      const options = name === 'global' ? { ...global } : { ...global };
      if (name === 'global') global = options;
      found.push({ name, options });
    } else if (clean !== '') {
      const [key = '', ...value] = clean.split('=');
      const current = found.at(-1);
      if (current) current.options[key.trim()] = value.join('=').trim();
    }
  }
  return found.filter((section) => section.name !== 'global');
}

const zoned = (text: string): unknown => ({
  zones: text.split(':').map((zone) => {
    const [writes, space] = zone.split('/');
    return { space: `${space}%`, writes: `${writes}%` };
  }),
});

function pattern(options: Options, where: string): unknown {
  if (!/^rand/.test(options.rw ?? options.readwrite ?? 'read')) return `sequential:${options.numjobs ?? 1}`;
  const [name = 'random', ...rest] = (options.random_distribution ?? 'random').split(':');
  if (name === 'random') return 'uniform';
  if (name === 'zipf') return `zipf:${rest[0] ?? '1.1'}`;
  if (name === 'zoned') return zoned(rest.join(':'));
  throw new InputError(`${where}: random_distribution=${name} is not modelled; random, zipf and zoned are`);
}

/** bssplit `4k/60:64k/40` (for writes: after a comma) or bs. */
function sizes(options: Options): unknown {
  const split = options.bssplit?.split(',').at(-1);
  if (split === undefined) return (options.bs ?? options.blocksize ?? '4k').split(',').at(-1);
  return Object.fromEntries(
    split
      .split(':')
      .map((part) => part.split('/'))
      .map(([size, share]) => [size, `${share}%`]),
  );
}

function writeShare(rw: string, options: Options): number {
  if (!/rw|readwrite/.test(rw.replace(/^rand/, '')) && !/write$/.test(rw)) return 0;
  return /^(rand)?(rw|readwrite)$/.test(rw)
    ? Number(options.rwmixwrite ?? 100 - Number(options.rwmixread ?? 50)) / 100
    : 1;
}

function part(name: string, options: Options, where: string): Part | undefined {
  const share = writeShare(options.rw ?? options.readwrite ?? 'read', options);
  if (share === 0) return undefined;
  const rates = options.rate_iops?.split(',');
  const own = rates ? Number(rates.length > 1 ? rates[1] : Number(rates[0]) * share) : undefined;
  const rate = own === undefined ? undefined : own * Number(options.numjobs ?? 1);
  if (rate !== undefined && !(rate >= 0))
    throw new InputError(`${where}: [${name}] rate_iops=${options.rate_iops} is not a rate`);
  const footprint = options.size ?? options.filesize;
  return {
    rate,
    poisson: options.rate_process === 'poisson',
    figures: {
      'write-size': sizes(options),
      pattern: pattern(options, `${where}: [${name}]`),
      ...(footprint ? { footprint } : {}),
    },
  };
}

/** Weights of the jobs of a mix: by rate, or by number where no job has one. */
function mixOf(parts: readonly Part[], total: number): readonly unknown[] {
  return parts.map((each) => ({
    weight: `${(100 * (total > 0 ? (each.rate ?? 0) / total : 1 / parts.length)).toFixed(6)}%`,
    ...each.figures,
  }));
}

/** The writes of the job file as figures of a workload preset. */
export function workloadFromFioJob(text: string, where: string): Imported {
  const parts = sections(text).flatMap(({ name, options }) => part(name, options, where) ?? []);
  if (parts.length === 0) throw new InputError(`${where}: no job of it writes`);
  const rated = parts.filter((each) => each.rate !== undefined);
  if (rated.length > 0 && rated.length < parts.length)
    throw new InputError(`${where}: some jobs have rate_iops and some have not; give all of them one`);
  const total = rated.reduce((sum, each) => sum + each.rate!, 0);
  const figures: Record<string, unknown> =
    parts.length === 1 ? parts[0]!.figures : { mix: mixOf(parts, total) };
  const layer = new Map<string, Raw>();
  const add = (path: string, raw: unknown): void => void layer.set(path, { raw, where: `${where}: ${path}` });
  for (const [path, raw] of Object.entries(figures)) add(path, raw);
  if (rated.length > 0) add('write-iops', total);
  add('arrivals', parts.every((each) => each.poisson) ? 'poisson' : 'deterministic');
  const notes = [`${where}: a fio job says nothing of RAM; half of it is taken to be used, and none dirtied`];
  return {
    layer,
    notes:
      rated.length > 0
        ? notes
        : [
            ...notes,
            `${where}: no rate_iops; a job without one runs as fast as its device allows, so the rate must be given with --write-iops`,
          ],
  };
}
