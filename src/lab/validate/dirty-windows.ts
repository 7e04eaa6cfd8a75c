/**
 * Validation of first touches: granules newly set and chunks that gained a bit, per window of a run of fio, against
 * the model writing the same jobs. Input: dirty_windows.csv and dirty_runs.csv (measured with QEMU's own bitmaps).
 */
import { mean } from 'simple-statistics';
import { InputError } from '../../base/errors.js';
import { recordOf } from '../../base/record.js';
import { type FioJob, fioJobsFromJson } from '../../input/fio/jobs.js';
import { fioSource } from '../../input/fio/write-source.js';
import { BLOCK_WRITES, newBlock } from '../../sim/guest/write-source.js';
import { bitmapGeometry } from '../../sim/qcow2/geometry.js';
import { type ApeSummary, summariseApe } from './ape.js';
import { groupBy, type MeasuredRow } from './rows.js';
import { Work } from './work.js';

export interface DirtyRun {
  readonly workload: string;
  readonly diskBytes: number;
  readonly granularityBytes: number;
  readonly jobs: readonly FioJob[];
  /** Achieved over asked-for writes per second. */
  readonly speed: number;
}

/** Metrics by name; a window from startNs to endNs of a run. */
export interface DirtyWindow {
  readonly workload: string;
  readonly windowS: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly measured: Readonly<Record<Metric, number>>;
}

export type Metric = 'newly_set' | 'new_c64k' | 'new_c4k' | 'new_c512';
const METRIC_NAMES: readonly Metric[] = ['newly_set', 'new_c64k', 'new_c4k', 'new_c512'];
/** Bits per chunk of the metrics after the first, which counts granules. */
const CHUNK_BITS = [524_288, 32_768, 4096] as const;

/** Smaller counts say little in percent. */
const COUNT_MIN = 100;
const REPLICATIONS = 8;
/** Of the image that QEMU kept the bitmap beside. */
const CLUSTER_BYTES = 65_536;
/** Lengths of windows of one run, each counted on its own: the lab has three. */
const LENGTHS_MAX = 50;
/** The lab began its windows when it saw the first write, polling every 10 ms. */
const HEAD_START_NS = 5e6;

export interface DirtyRow {
  readonly config: string;
  readonly figure: Metric;
  readonly windows: number;
  readonly measured: number;
  readonly predicted: number;
  readonly ape: number;
}

/** Errors of the means over the windows of a run and window length, and of single windows (with their own chance). */
export interface DirtyResult extends ApeSummary {
  readonly windows: ApeSummary;
  readonly figures: Readonly<Record<Metric, ApeSummary & { readonly windows: ApeSummary }>>;
  readonly rows: readonly DirtyRow[];
}

/** Rows of dirty_runs.csv. The lab ran fio with `norandommap` for all jobs. */
export function dirtyRuns(rows: readonly MeasuredRow[]): DirtyRun[] {
  const diskOf = (row: MeasuredRow): Pick<DirtyRun, 'diskBytes' | 'granularityBytes'> => {
    const [diskBytes, granularityBytes] = [row.number('disk_GiB') * 1024 ** 3, row.number('gran')];
    row.inIt(() => bitmapGeometry(diskBytes, granularityBytes, CLUSTER_BYTES));
    return { diskBytes, granularityBytes };
  };
  return rows.map((row) => ({
    workload: row.name('workload'),
    ...diskOf(row),
    jobs: fioJobsFromJson(row.text('jobs'), { norandommap: 1 }, row.name('workload')),
    speed: row.number('target_iops') > 0 ? row.number('fio_iops') / row.number('target_iops') : 1,
  }));
}

/** Rows of dirty_windows.csv. */
export function dirtyWindows(rows: readonly MeasuredRow[]): DirtyWindow[] {
  const nanoseconds = (seconds: number): number => Math.round(seconds * 1e9);
  return rows.map((row) => ({
    workload: row.name('workload'),
    windowS: row.number('window_s'),
    startNs: nanoseconds(row.number('t_start')),
    endNs: nanoseconds(row.number('t_end')),
    measured: {
      newly_set: row.number('newly_set'),
      new_c64k: row.number('new_c64k'),
      new_c4k: row.number('new_c4k'),
      new_c512: row.number('new_c512'),
    },
  }));
}

/** Each row of dirty_runs.csv as one window of its whole length: the granules set in all. */
export function wholeRuns(rows: readonly MeasuredRow[]): DirtyWindow[] {
  return rows.map((row) => ({
    workload: row.name('workload'),
    windowS: row.number('seconds'),
    startNs: 0,
    endNs: Math.round(row.number('seconds') * 1e9),
    measured: { newly_set: row.number('set_total'), new_c64k: 0, new_c4k: 0, new_c512: 0 },
  }));
}

/** Counts first touches into windows of one length, in order of time; there may be gaps. */
class WindowCounter {
  readonly sums: Float64Array[];
  private readonly windows: readonly DirtyWindow[];
  private readonly stamps: Int32Array[];
  private at = 0;
  private mark = 0;

  constructor(windows: readonly DirtyWindow[], bits: number) {
    this.windows = windows;
    this.sums = METRIC_NAMES.map(() => new Float64Array(windows.length));
    this.stamps = CHUNK_BITS.map((chunkBits) => new Int32Array(Math.ceil(bits / chunkBits)));
  }

  restart(): void {
    this.at = 0;
    this.mark += this.windows.length + 1;
  }

  touch(timeNs: number, granule: number): void {
    while (this.at < this.windows.length && timeNs >= this.windows[this.at]!.endNs) this.at++;
    if (this.at === this.windows.length || timeNs < this.windows[this.at]!.startNs) return;
    const stamp = this.mark + this.at + 1;
    this.count(0);
    for (let k = 0; k < CHUNK_BITS.length; k++) {
      const chunk = Math.floor(granule / CHUNK_BITS[k]!);
      const stamps = this.stamps[k]!;
      if (stamps[chunk] === stamp) continue;
      stamps[chunk] = stamp;
      this.count(k + 1);
    }
  }

  private count(metric: number): void {
    const sums = this.sums[metric]!;
    sums[this.at] = sums[this.at]! + 1;
  }
}

/** Writes one replication of the run into the counters. */
function writeRun(
  run: DirtyRun,
  counters: readonly WindowCounter[],
  endNs: number,
  replication: number,
): void {
  const g = run.granularityBytes;
  const words = new Uint32Array(Math.ceil(run.diskBytes / g / 32));
  const source = fioSource(run.jobs, run.diskBytes, run.speed, 1, replication);
  const block = newBlock();
  for (;;) {
    source.fill(block);
    for (let i = 0; i < BLOCK_WRITES; i++) {
      const timeNs = block.timesNs[i]! - HEAD_START_NS;
      if (timeNs >= endNs) return;
      const last = Math.floor((block.offsetsBytes[i]! + block.lengthsBytes[i]! - 1) / g);
      for (let granule = Math.floor(block.offsetsBytes[i]! / g); granule <= last; granule++) {
        const bit = 1 << (granule & 31);
        if ((words[granule >>> 5]! & bit) !== 0) continue;
        words[granule >>> 5] = words[granule >>> 5]! | bit;
        for (const counter of counters) counter.touch(timeNs, granule);
      }
    }
  }
}

/** Predicts every window from its run's jobs. Windows of runs that are not given are left out. */
export function predictDirtyWindows(runs: readonly DirtyRun[], windows: readonly DirtyWindow[]): DirtyResult {
  const rows: DirtyRow[] = [];
  const work = new Work();
  const single: Record<Metric, number[]> = { newly_set: [], new_c64k: [], new_c4k: [], new_c512: [] };
  for (const run of runs) {
    const mine = windows
      .filter((window) => window.workload === run.workload)
      .sort((a, b) => a.startNs - b.startNs);
    const lengths = [...groupBy(mine, (window) => String(window.windowS)).entries()];
    if (lengths.length > LENGTHS_MAX)
      throw new InputError(`${run.workload}: windows of ${lengths.length} lengths, at most ${LENGTHS_MAX}`);
    const bits = Math.ceil(run.diskBytes / run.granularityBytes);
    const counters = lengths.map(([, list]) => new WindowCounter(list, bits));
    const endNs = mine.reduce((latest, window) => Math.max(latest, window.endNs), 0);
    work.run(run.workload, { ...run, durationNs: endNs }, REPLICATIONS);
    for (let r = 0; r < REPLICATIONS; r++) {
      for (const counter of counters) counter.restart();
      writeRun(run, counters, endNs, r);
    }
    for (const [l, [length, list]] of lengths.entries()) {
      for (const [k, figure] of METRIC_NAMES.entries()) {
        const predicted = Array.from(counters[l]!.sums[k]!, (sum) => sum / REPLICATIONS);
        const measured = list.map((window) => window.measured[figure]);
        for (const [i, value] of measured.entries())
          if (value >= COUNT_MIN) single[figure].push(Math.abs(predicted[i]! / value - 1));
        if (mean(measured) < COUNT_MIN) continue;
        rows.push({
          config: `${run.workload}, ${length} s`,
          figure,
          windows: list.length,
          measured: mean(measured),
          predicted: mean(predicted),
          ape: Math.abs(mean(predicted) / mean(measured) - 1),
        });
      }
    }
  }
  const figures = recordOf(METRIC_NAMES, (figure) => {
    const apes = rows.filter((row) => row.figure === figure).map((row) => row.ape);
    return { ...summariseApe(apes), windows: summariseApe(single[figure]) };
  });
  return {
    ...summariseApe(rows.map((row) => row.ape)),
    windows: summariseApe(Object.values(single).flat()),
    figures,
    rows,
  };
}
