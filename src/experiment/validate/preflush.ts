/**
 * Validation of pre-flush against the prototype of the lab (preflush.csv): a real dirty bitmap, meta-bitmap and
 * flusher under real fio guests. Every run is simulated with its jobs, its achieved rate and its measured mean
 * service time; nothing is fitted.
 */

import { lognormal } from '../../kernel/distributions.js';
import { Kernel } from '../../kernel/kernel.js';
import { namedStream } from '../../kernel/rng.js';
import { fillContent } from '../../sim/guest/content.js';
import { PerWriteTracker, perWriteGroups } from '../../sim/guest/per-write.js';
import type { WriteSource } from '../../sim/guest/write-source.js';
import type { DiskSpec } from '../../sim/scenario.js';
import { Flusher, fixedService } from '../../sim/strategies/flusher.js';
import { type FioJob, fioJobsFromList } from '../fio-jobs.js';
import { fioSource } from '../fio-source.js';
import { type ApeSummary, summariseApe } from './ape.js';

type Row = Readonly<Record<string, string>>;

export interface PreFlushRun {
  readonly config: string;
  readonly repeat: number;
  readonly diskBytes: number;
  readonly granularityBytes: number;
  readonly chunkBytes: number;
  readonly order: 'fifo' | 'ascending';
  readonly initialPass: boolean;
  /** Chunk writes per second; Infinity: no limit. */
  readonly chunksPerS: number;
  readonly settleNs: number;
  readonly bitsAtStart: number;
  readonly jobs: readonly FioJob[];
  readonly speed: number;
  readonly durationNs: number;
  readonly serviceMeanNs: number;
  /** 0 where the service was a timer. */
  readonly serviceSdNs: number;
  readonly measured: PreFlushFigures;
}

export interface PreFlushFigures {
  /** Time average over the second half of the run. */
  readonly stale_mean: number;
  readonly stale_at_stop: number;
  readonly flush_rest_ms: number;
  readonly chunk_writes_running: number;
}
export type PreFlushFigure = keyof PreFlushFigures;
const FIGURES: readonly PreFlushFigure[] = [
  'stale_mean',
  'stale_at_stop',
  'flush_rest_ms',
  'chunk_writes_running',
];

export interface PreFlushRow {
  readonly config: string;
  readonly repeats: number;
  readonly figure: PreFlushFigure;
  readonly measured: number;
  readonly predicted: number;
  /** Where 95 % of single runs should lie (mean and two deviations of the replications). */
  readonly lo: number;
  readonly hi: number;
  readonly ape: number;
}

export interface PreFlushResult {
  readonly figures: Readonly<Record<PreFlushFigure, ApeSummary & { readonly coverage95: number }>>;
  readonly rows: readonly PreFlushRow[];
  /** Runs that were left out, with the reason. */
  readonly skipped: readonly string[];
}

/** Below so many stale chunks (and as many chunk writes) a single run says little in percent. */
const COUNT_MIN = 20;
const REPLICATIONS = 10;

/** Rows of preflush.csv; runs of the deliberately wrong order (`late_clear`) are left out. */
export function preFlushRuns(
  rows: readonly Row[],
  where: string,
): { runs: PreFlushRun[]; skipped: string[] } {
  const skipped = rows
    .filter((row) => row.late_clear === '1')
    .map((row) => `${row.config}: clears marks too late`);
  const runs = rows.filter((row) => row.late_clear !== '1').map((row) => preFlushRun(row, where));
  return { runs, skipped };
}

export function preFlushRun(row: Row, where: string): PreFlushRun {
  const maxRate = Number(row.max_rate);
  return {
    config: row.config!,
    repeat: Number(row.repeat),
    diskBytes: Number(row.disk_bytes),
    granularityBytes: Number(row.granularity_bytes),
    chunkBytes: Number(row.chunk_bytes),
    order: row.policy === 'ascending' ? 'ascending' : 'fifo',
    initialPass: row.initial_pass === '1',
    chunksPerS: maxRate > 0 ? maxRate : Number.POSITIVE_INFINITY,
    settleNs: Number(row.settle_ms) * 1e6,
    bitsAtStart: Number(row.bits_at_start),
    jobs: fioJobsFromList(JSON.parse(row.fio_jobs!), { norandommap: 1 }, `${where}: ${row.config}`),
    speed: Number(row.achieved_iops) / Number(row.target_iops),
    durationNs: Math.round(Number(row.seconds) * 1e9),
    serviceMeanNs: Number(row.service_us_mean) * 1000,
    serviceSdNs: row.store === 'file' ? Number(row.service_us_sd) * 1000 : 0,
    measured: {
      stale_mean: Number(row.stale_mean),
      stale_at_stop: Number(row.stale_at_stop),
      flush_rest_ms: Number(row.flush_rest_ms),
      chunk_writes_running: Number(row.chunk_writes_running),
    },
  };
}

export function trackerOf(run: PreFlushRun, source: WriteSource, replication: number): PerWriteTracker {
  const disk: DiskSpec = {
    sizeBytes: run.diskBytes,
    clusterBytes: 65_536,
    bitmaps: [
      {
        granularityBytes: run.granularityBytes,
        count: 1,
        recording: true,
        content: { kind: 'count', bits: run.bitsAtStart },
        stored: true,
      },
    ],
    allocatedBytes: 0,
    discard: false,
  };
  const groups = perWriteGroups(disk, 0, 1, run.chunkBytes, 1, replication, (words, group, spec, words32) =>
    fillContent(words, group.bits, spec.content, words32),
  );
  return new PerWriteTracker(groups, source);
}

function serviceTimes(run: PreFlushRun, replication: number): () => number {
  const { serviceMeanNs: mean, serviceSdNs: sd } = run;
  if (sd === 0) return () => Math.round(mean);
  const rng = namedStream(1, replication, 'service');
  const variance = Math.log1p((sd / mean) ** 2);
  const shape = { mu: Math.log(mean) - variance / 2, sigma: Math.sqrt(variance) };
  return () => Math.round(lognormal(rng, shape));
}

/** One simulated run: the guest writes, the flusher flushes, the stop comes, the rest is written. */
export function simulatePreFlush(
  run: PreFlushRun,
  source: WriteSource,
  replication: number,
): PreFlushFigures {
  const kernel = new Kernel();
  const tracker = trackerOf(run, source, replication);
  const service = serviceTimes(run, replication);
  tracker.markAllStored();
  if (run.initialPass) tracker.markAllStale(true);
  const options = {
    bytesPerS: run.chunksPerS * run.chunkBytes,
    settleNs: run.settleNs,
    order: run.order,
    initialPass: false,
  } as const;
  const flusher = new Flusher(kernel, tracker, options, fixedService(kernel, service));
  const eventsMax = 1e9;
  const halfNs = Math.round(run.durationNs / 2);
  kernel.run({ untilNs: halfNs, eventsMax });
  tracker.advance(halfNs);
  const areaNs = tracker.staleAreaNs;
  kernel.run({ untilNs: run.durationNs, eventsMax });
  const report = flusher.stop();
  const meanNs = (tracker.staleAreaNs - areaNs) / (run.durationNs - halfNs);
  kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax });
  let restNs = report.busyAtStop ? kernel.nowNs - run.durationNs : 0;
  for (let i = 0; i < report.staleAtStop; i++) restNs += service();
  return {
    stale_mean: meanNs,
    stale_at_stop: report.staleAtStop,
    flush_rest_ms: restNs / 1e6,
    chunk_writes_running: report.writes,
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (values.length - 1));
}

function predictConfig(runs: readonly PreFlushRun[]): {
  rows: PreFlushRow[];
  covered: Record<PreFlushFigure, number[]>;
} {
  const covered = Object.fromEntries(FIGURES.map((f) => [f, [] as number[]])) as Record<
    PreFlushFigure,
    number[]
  >;
  const samples = runs.map((run, i) =>
    Array.from({ length: REPLICATIONS }, (_, r) => {
      const replication = i * REPLICATIONS + r;
      return simulatePreFlush(
        run,
        fioSource(run.jobs, run.diskBytes, run.speed, 1, replication),
        replication,
      );
    }),
  );
  const rows = FIGURES.map((figure) => {
    const measured = runs.map((run) => run.measured[figure]);
    const predicted = samples.map((list) => list.map((sample) => sample[figure]));
    for (const [i, list] of predicted.entries()) {
      // Both the run and the ten replications are draws: t(9) = 2.26, and one more variance for the mean of ten.
      const reach = 2.26 * deviation(list) * Math.sqrt(1 + 1 / REPLICATIONS);
      // Single counts cannot come nearer than half a chunk; the measured times have 0.05 ms of wake-up.
      covered[figure].push(Math.abs(measured[i]! - mean(list)) <= reach + 0.5 ? 1 : 0);
    }
    const all = predicted.flat();
    const centre = mean(all);
    return {
      config: runs[0]!.config,
      repeats: runs.length,
      figure,
      measured: mean(measured),
      predicted: centre,
      lo: centre - 2 * deviation(all),
      hi: centre + 2 * deviation(all),
      ape: Math.abs(centre / mean(measured) - 1),
    };
  });
  return { rows, covered };
}

/** Predicts every run; errors in percent only where a configuration has 20 stale chunks or more. */
export function predictPreFlush(given: readonly PreFlushRun[], skipped: readonly string[]): PreFlushResult {
  const rows: PreFlushRow[] = [];
  const covered = Object.fromEntries(FIGURES.map((f) => [f, [] as number[]])) as Record<
    PreFlushFigure,
    number[]
  >;
  for (const config of new Set(given.map((run) => run.config))) {
    const result = predictConfig(given.filter((run) => run.config === config));
    rows.push(...result.rows);
    for (const figure of FIGURES) covered[figure].push(...result.covered[figure]);
  }
  const stale = new Set(
    rows.filter((row) => row.figure === 'stale_mean' && row.measured >= COUNT_MIN).map((row) => row.config),
  );
  const figures = Object.fromEntries(
    FIGURES.map((figure) => {
      const chosen = rows.filter(
        (row) => row.figure === figure && (figure === 'chunk_writes_running' || stale.has(row.config)),
      );
      return [figure, { ...summariseApe(chosen.map((row) => row.ape)), coverage95: mean(covered[figure]) }];
    }),
  ) as unknown as PreFlushResult['figures'];
  return { figures, rows, skipped };
}
