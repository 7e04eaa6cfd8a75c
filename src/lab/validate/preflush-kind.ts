/** preflush.csv, with the logs of preflush-logs/ replayed where they lie beside it: the prototype of pre-flush. */
import { summariseApe } from './ape.js';
import type { ReadSibling, ValidationKind } from './kind.js';
import {
  COUNT_MIN,
  type PreFlushMetric,
  type PreFlushRun,
  predictPreFlush,
  preFlushRuns,
} from './preflush.js';
import { parseLog, type ReplayResult, replayLog } from './preflush-replay.js';
import { percent } from './report.js';

const SINGLE: readonly PreFlushMetric[] = ['stale_mean', 'stale_at_stop', 'flush_rest_ms'];

interface Replay extends ReplayResult {
  readonly config: string;
}

/** Logs are of the first repeat. */
function replays(runs: readonly PreFlushRun[], sibling: ReadSibling): Replay[] {
  return runs.flatMap((run) => {
    if (run.repeat !== 0) return [];
    const name = `preflush-logs/${run.config}.csv.gz`;
    const text = sibling(name);
    return text === undefined ? [] : [{ config: run.config, ...replayLog(run, parseLog(text, name)) }];
  });
}

/** How a flusher does that is told the recorded writes and its service times, and nothing else. */
function freeRemark(replayed: readonly Replay[]): string {
  const apes = replayed.map(({ free, measured }) => Math.abs(free.stale_mean / measured.stale_mean - 1));
  const chunks = replayed.map(({ stale_mad: mad }) => mad);
  return `fed with the recorded writes alone: mean stale chunks off by at most ${percent(Math.max(...apes))}; their number, every 0.1 s, by ${Math.min(...chunks).toFixed(2)} to ${Math.max(...chunks).toFixed(2)} in the mean`;
}

export const preFlushKind: ValidationKind = {
  name: 'pre-flush',
  columns: ['stale_mean', 'stale_at_stop', 'flush_rest_ms', 'fio_jobs'],
  validate(table, _options, sibling) {
    const { runs, skipped } = preFlushRuns(table.rows);
    const result = predictPreFlush(runs, skipped);
    const replayed = replays(runs, sibling);
    const mismatches = replayed.reduce((sum, replay) => sum + replay.mismatches, 0);
    const events = replayed.reduce((sum, replay) => sum + replay.events, 0);
    const judged = result.rows.filter((row) => row.counts && SINGLE.includes(row.figure));
    const all = summariseApe(judged.flatMap((row) => (row.ape === null ? [] : [row.ape])));
    return {
      json: {
        ...all,
        ...result.figures,
        replays: replayed,
        replay_mismatches: mismatches,
        skipped,
        rows: result.rows,
      },
      medianApe: all.median_ape,
      p90Ape: all.p90_ape,
      mismatches,
      table: {
        columns: ['figure', 'configurations', 'median error', 'p90', 'max', 'runs inside 95 %'],
        rows: Object.entries(result.figures).map(([figure, s]) => [
          figure,
          String(s.n),
          percent(s.median_ape),
          percent(s.p90_ape),
          percent(s.max_ape),
          percent(s.coverage95),
        ]),
      },
      remarks: [
        `errors of configurations with ${COUNT_MIN} stale chunks or more; a stop is one draw, its count has a spread of its own`,
        `${replayed.length} logs replayed: ${mismatches} of ${events} stale marks and flushes differ`,
        ...(replayed.length === 0 ? [] : [freeRemark(replayed)]),
        ...skipped.map((reason) => `left out: ${reason}`),
      ],
    };
  },
};
