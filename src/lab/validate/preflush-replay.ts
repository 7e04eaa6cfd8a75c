/**
 * Replay of a prototype's log (preflush-logs/*.csv.gz): the logged guest writes go through the per-write engine and
 * every logged flush through its meta-bitmap, and each stale mark and each chunk taken must come out as logged.
 * Then the same writes again with a free flusher of the measured service times (mean and spread).
 */
import { InputError } from '../../base/errors.js';
import { TraceSource } from '../../sim/guest/trace-source.js';
import type { TraceGuestSpec } from '../../sim/scenario.js';
import { type PreFlushMetrics, type PreFlushRun, simulatePreFlush, trackerOf } from './preflush.js';

/** One line: write, became stale, flush begins, flush ends, stop, done. */
export interface LogEvent {
  readonly kind: 'W' | 'S' | 'B' | 'E' | 'X' | 'D';
  /** Microseconds since the first write made unique: events of one microsecond lie a nanosecond apart. */
  readonly atNs: number;
  /** Granule or chunk; stale count of the stop. */
  readonly at: number;
  /** Granules written. */
  readonly length: number;
  /** Whether the write set a bit. */
  readonly sets: boolean;
}

/** Lines `dt_us,W,granule,n,new`, `dt_us,S,chunk`, `B`, `E`, `dt_us,X,stale,busy`, `dt_us,D`. */
export function parseLog(text: string, where: string): LogEvent[] {
  let us = 0;
  let within = 0;
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => {
      const [dt, kind, at = '0', length = '0', sets = '0'] = line.split(',');
      if (!/^[WSBEXD]$/.test(kind ?? ''))
        throw new InputError(`${where}: line ${i + 1}: '${line}' is not a log event`);
      within = dt === '0' ? within + 1 : 0;
      us += Number(dt);
      return {
        kind: kind as LogEvent['kind'],
        atNs: us * 1000 + within,
        at: Number(at),
        length: Number(length),
        sets: sets === '1',
      };
    });
}

export interface ReplayResult {
  readonly events: number;
  /** Stale marks and flushes that came out otherwise than logged; the first of them. */
  readonly mismatches: number;
  readonly first: string | undefined;
  /** The run's figures, and those of the free replay. */
  readonly measured: PreFlushMetrics;
  readonly free: PreFlushMetrics;
  /** Mean difference of the two counts of stale chunks, looked at every 0.1 s. */
  readonly stale_mad: number;
}

const LOOK_NS = 1e8;

/** Writes that set a bit are enough, and all there is to go by where bits were set before the log began. */
function writesOf(events: readonly LogEvent[], run: PreFlushRun): TraceGuestSpec {
  const stop = events.findIndex((event) => event.kind === 'X');
  const writes = events
    .slice(0, stop < 0 ? undefined : stop)
    .filter((event) => event.kind === 'W' && event.sets);
  return {
    kind: 'trace',
    name: run.config,
    timesNs: Float64Array.from(writes, (w) => w.atNs),
    offsetsBytes: Float64Array.from(writes, (w) => w.at * run.granularityBytes),
    lengthsBytes: Float64Array.from(writes, (w) => w.length * run.granularityBytes),
    disks: new Uint16Array(writes.length),
    durationNs: run.durationNs,
    startNs: 0,
    loop: false,
    rate: 1,
    stretch: 1,
  };
}

/** The run without the bits set before: nothing is known of where they lie. */
const emptied = (run: PreFlushRun): PreFlushRun => ({ ...run, bitsAtStart: 0 });

function drive(
  run: PreFlushRun,
  events: readonly LogEvent[],
): Pick<ReplayResult, 'events' | 'mismatches' | 'first'> {
  const tracker = trackerOf(emptied(run), new TraceSource(writesOf(events, run), run.diskBytes, 0), 0);
  if (run.initialPass) tracker.markAllStale(true);
  const stale = new Set<number>();
  const known = new Set<number>(tracker.staleChunks(0));
  let count = 0;
  let mismatches = 0;
  let first: string | undefined;
  const miss = (event: LogEvent, got: string): void => {
    mismatches++;
    first ??= `${event.atNs / 1000} us: logged ${event.kind} ${event.at}, got ${got}`;
  };
  for (const event of events) {
    if (event.kind === 'X') {
      if (tracker.staleCount !== event.at) miss(event, `${tracker.staleCount} stale`);
      break;
    }
    if (event.kind === 'W') {
      tracker.advance(event.atNs);
      stale.clear();
      for (const chunk of tracker.staleChunks(0)) stale.add(chunk);
    } else if (event.kind === 'S') {
      count++;
      // Chunks of the initial pass are stale from the start; others since the write before this line.
      if (!stale.has(event.at) && !known.has(event.at)) miss(event, 'not stale');
    } else if (event.kind === 'B') {
      count++;
      tracker.advance(Math.max(tracker.nowNs, event.atNs));
      const taken = tracker.takeStale(run.order, 0);
      if (taken?.chunk !== event.at) miss(event, `chunk ${taken?.chunk}`);
      if (taken) tracker.markStored(taken.group, taken.chunk);
    }
  }
  return { events: count, mismatches, first };
}

/** The logged number of stale chunks at each of these times. */
function loggedStale(events: readonly LogEvent[], timesNs: readonly number[]): number[] {
  let stale = 0;
  let next = 0;
  return timesNs.map((timeNs) => {
    for (; next < events.length && events[next]!.atNs <= timeNs; next++) {
      if (events[next]!.kind === 'S') stale++;
      else if (events[next]!.kind === 'B') stale--;
    }
    return stale;
  });
}

/** Replays a log twice: event by event against the model's state, and freely with the recorded writes alone. */
export function replayLog(run: PreFlushRun, events: readonly LogEvent[]): ReplayResult {
  const source = new TraceSource(writesOf(events, run), run.diskBytes, 0);
  const looks = Math.floor(run.durationNs / LOOK_NS);
  const timesNs = Array.from({ length: looks }, (_, i) => (i + 1) * LOOK_NS);
  const logged = loggedStale(events, timesNs);
  let differences = 0;
  let at = 0;
  const free = simulatePreFlush(emptied(run), source, 0, {
    timesNs,
    see: (stale) => {
      differences += Math.abs(stale - logged[at++]!);
    },
  });
  return {
    ...drive(run, events),
    measured: run.measured,
    free,
    stale_mad: looks > 0 ? differences / looks : 0,
  };
}
