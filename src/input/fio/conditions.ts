/** Under what conditions a job ran: what its latencies stand for depends on them. */
import { InputError } from '../../base/errors.js';
import { parseSize } from '../../base/units.js';
import { fioPart } from './option.js';
import type { FioResult } from './runs.js';

/** Engines that send one request and wait for it, whatever `iodepth` says (fio says so in its first line). */
const SYNCHRONOUS = [
  'sync',
  'psync',
  'vsync',
  'pvsync',
  'pvsync2',
  'mmap',
  'splice',
  'falloc',
  'ftruncate',
  'gfapi',
  'libpmem',
  'dev-dax',
];
/** Engines that know no page cache of this host. */
const UNCACHED = [
  'rbd',
  'rados',
  'nbd',
  'http',
  'nfs',
  'gfapi',
  'gfapi_async',
  'sg',
  'xnvme',
  'libpmem',
  'dev-dax',
];
/** fio's default on Linux. */
const DEFAULT_ENGINE = 'psync';
const DEFAULT_BLOCK = '4k';

const OFF = ['0', 'none', 'false', 'no', 'off'];
/** An option that is a switch, or a word that is not off; given without a value it is on. */
const isOn = (value: string | undefined): boolean =>
  value !== undefined && !OFF.includes(value.toLowerCase());

export interface Conditions {
  /** Requests in flight: those of all copies of the job. */
  readonly depth: number;
  /** `sync=1`: each write carries a flush of its own. */
  readonly sync: boolean;
  /** Went through the page cache. */
  readonly cached: boolean;
  /** Bytes written between two flushes that the job asks for; undefined where it asks for none. */
  readonly flushBytes?: number;
}

const whole = (text: string | undefined, standard: number): number => {
  const value = Number(text ?? standard);
  return Number.isSafeInteger(value) && value > 0 ? value : standard;
};

/** Bytes of a block of the options, as fio writes sizes: a K is 1024, and a B at the end is nothing. */
export function blockBytes(
  options: FioResult['options'],
  kind: 'read' | 'write' | 'trim',
  where: string,
): number {
  const text = fioPart(options.bs ?? options.blocksize, kind) ?? DEFAULT_BLOCK;
  try {
    return parseSize(text.replace(/i?b$/i, ''), `${where}: bs`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${where}: bs: '${text}' is not a block size of fio`);
  }
}

/** With fewer of its requests beside others, a job counts as one that had one in flight. */
const ALONE_PERCENT = 99;

/** Requests that one copy of the job had in flight: what fio saw of it, else what it was asked for. */
function depthOf({ options, levels }: FioResult, engine: string): number {
  const asked = whole(options.iodepth, 1);
  const seen = Number(levels['1']);
  if (seen > 0 || Object.values(levels).some((share) => Number(share) > 0))
    return seen >= ALONE_PERCENT ? 1 : Math.max(asked, 2);
  return SYNCHRONOUS.includes(engine) ? 1 : asked;
}

/** The conditions of a job. */
export function conditionsOf(job: FioResult, where: string): Conditions {
  const { options } = job;
  const engine = (options.ioengine ?? DEFAULT_ENGINE).split(':')[0]!;
  const direct = isOn(options.direct) || options.buffered === '0';
  const every = whole(options.fdatasync, 0) || whole(options.fsync, 0);
  return {
    depth: depthOf(job, engine) * whole(options.numjobs, 1),
    sync: isOn(options.sync),
    cached: !direct && !UNCACHED.includes(engine),
    ...(every > 0 ? { flushBytes: every * blockBytes(options, 'write', where) } : {}),
  };
}
