/**
 * Spans as a Chrome trace (the "Trace Event Format", JSON object form), which Perfetto and chrome://tracing open:
 * one process a strategy, one thread a track, times in microseconds of simulated time.
 */
import type { Span } from '../study/spans.js';

const number = (names: string[], name: string): number => {
  const known = names.indexOf(name);
  return known >= 0 ? known : names.push(name) - 1;
};

/** The trace as text. */
export function chromeTrace(spans: readonly Span[]): string {
  const strategies: string[] = [];
  const tracks: string[] = [];
  const events = spans.map((span) => ({
    name: span.what,
    ph: 'X',
    pid: number(strategies, span.strategy),
    tid: number(tracks, span.track),
    ts: span.fromNs / 1000,
    dur: (span.untilNs - span.fromNs) / 1000,
  }));
  const names = [
    ...strategies.map((name, pid) => ({ name: 'process_name', ph: 'M', pid, tid: 0, args: { name } })),
    ...strategies.flatMap((_, pid) =>
      tracks.map((name, tid) => ({ name: 'thread_name', ph: 'M', pid, tid, args: { name } })),
    ),
  ];
  return `${JSON.stringify({ madeBy: 'stopgap run --trace', displayTimeUnit: 'ms', traceEvents: [...names, ...events] })}\n`;
}
