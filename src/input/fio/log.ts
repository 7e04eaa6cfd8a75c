/**
 * Logs of single requests (`write_lat_log`): `time in ms, latency, direction, block size[, offset[, priority]]`. They
 * become jobs as the JSON has them, one for each direction and size, with the whole distribution.
 */
import { basename } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { Tree } from '../../base/tree.js';
import { windowsInSamples } from '../storage-values/spells.js';

const DIRECTIONS = ['read', 'write', 'trim'] as const;
/** Time, latency, direction, block size, offset, priority. */
const COLUMNS_MAX = 6;
/** Of fio 2, which logged microseconds: no offset yet. */
const COLUMNS_FIO2 = 4;

const refuse = (where: string, what: string): never => {
  throw new InputError(
    `${where}: ${what}; give the log of write_lat_log (NAME_lat.1.log), or ${"fio's"} JSON`,
  );
};

/** Logs that look the same and hold other figures are told by their names, which fio gives them. */
function checkName(where: string): void {
  const kind = /_(bw|iops|slat)(?:\.\d+)?\.log$/.exec(basename(where))?.[1];
  if (kind === 'slat') refuse(where, 'a log of submission times, which are a small part of each latency');
  if (kind !== undefined)
    refuse(where, `a log of ${kind === 'bw' ? 'bandwidths' : 'IOPS'}, not of latencies`);
}

interface Group {
  readonly direction: (typeof DIRECTIONS)[number];
  readonly sizeBytes: number;
  readonly bins: Record<string, number>;
  readonly latenciesNs: number[];
  count: number;
}

function requests(text: string, where: string): readonly (readonly number[])[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const fields = line.split(',').map(Number);
      if (fields.length > COLUMNS_MAX) return refuse(where, 'a log of histograms (write_hist_log)');
      if (fields.length < COLUMNS_FIO2 || fields.some((field) => !Number.isSafeInteger(field)))
        throw new InputError(`${where}: line ${i + 1}: '${line.trim()}' is no request of a latency log`);
      return fields;
    });
}

/**
 * Nanoseconds in one unit of the log. fio 3 has nanoseconds. Requests of fio 2, taken for nanoseconds, would fill about a
 * thousandth of the time that they took.
 */
function unitNs(rows: readonly (readonly number[])[]): number {
  if (rows.some((row) => row.length > COLUMNS_FIO2)) return 1;
  const busyNs = rows.reduce((sum, row) => sum + row[1]!, 0);
  const elapsedNs = rows.reduce((latest, row) => Math.max(latest, row[0]!), 0) * 1e6;
  return busyNs < elapsedNs / 500 ? 1000 : 1;
}

/** The requests of a log as jobs in the form of fio's JSON. */
export function logJobs(text: string, where: string): readonly Tree[] {
  checkName(where);
  const rows = requests(text, where);
  const unit = unitNs(rows);
  const groups = new Map<string, Group>();
  for (const [, latency = 0, code = 0, sizeBytes = 0] of rows) {
    const direction = DIRECTIONS[code];
    if (direction === undefined) continue;
    if (sizeBytes === 0)
      refuse(where, 'a log of means (log_avg_msec), which keep neither distribution nor size');
    const key = `${direction} ${sizeBytes}`;
    const group = groups.get(key) ?? { direction, sizeBytes, bins: {}, latenciesNs: [], count: 0 };
    const ns = String(latency * unit);
    group.bins[ns] = (group.bins[ns] ?? 0) + 1;
    group.latenciesNs.push(latency * unit);
    group.count++;
    groups.set(key, group);
  }
  return [...groups.values()].map(({ direction, sizeBytes, bins, latenciesNs, count }) => {
    const windows = windowsInSamples(latenciesNs);
    return {
      jobname: basename(where),
      // A log does not say how it was made: one request at a time, past the page cache, is taken, and said.
      'job options': {
        bs: String(sizeBytes),
        direct: '1',
        log: '1',
        iopsavgtime: String(windows.windowNs / 1e6),
      },
      [direction]: {
        total_ios: count,
        io_bytes: count * sizeBytes,
        lat_ns: { bins },
        iops_samples: windows.count,
        iops_mean: windows.mean,
        iops_stddev: windows.standardDeviation,
        iops_min: windows.min,
        iops_max: windows.max,
      },
    };
  });
}
