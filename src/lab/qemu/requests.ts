/** What reached a volume, from the log of nbdkit's log filter: every request with its time, kind and size. */
import { readFileSync } from 'node:fs';
import type { OpCounts } from '../../sim/qcow2/op-counts.js';
import { runLengthText } from '../../sim/qcow2/oplog.js';

export type RequestKind = 'read' | 'write' | 'trim' | 'zero' | 'flush';

export interface LoggedRequest {
  readonly kind: RequestKind;
  readonly connection: number;
  readonly offset: number;
  /** 0 for a flush. */
  readonly bytes: number;
  /** Arrival, microseconds since the Unix epoch. */
  readonly startUs: number;
  readonly durationUs: number;
}

const LINE =
  /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\.(\d{6}) connection=(\d+) (\.\.\.)?(Read|Write|Zero|Trim|Flush) id=(\d+)(.*)$/;

/**
 * Parses a log written with the clock in UTC. A request whose answer is missing (the server was ended) is left out.
 * @internal
 */
export function parseRequestLog(text: string): LoggedRequest[] {
  const done: LoggedRequest[] = [];
  const open = new Map<string, Omit<LoggedRequest, 'durationUs'>>();
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, day, clock, micros, connection, answer, kind, id, rest] = match;
    const timeUs = Date.parse(`${day}T${clock}Z`) * 1000 + Number(micros);
    const key = `${connection}/${id}`;
    if (!answer) {
      open.set(key, {
        kind: kind!.toLowerCase() as RequestKind,
        connection: Number(connection),
        offset: field(rest!, 'offset'),
        bytes: field(rest!, 'count'),
        startUs: timeUs,
      });
      continue;
    }
    const request = open.get(key);
    if (!request) continue;
    open.delete(key);
    done.push({ ...request, durationUs: timeUs - request.startUs });
  }
  return done.sort((a, b) => a.startUs - b.startUs);
}

/** The requests of a log file that arrived in [fromUs, toUs]. */
export function requestsBetween(logFile: string, fromUs: number, toUs: number): LoggedRequest[] {
  return parseRequestLog(readFileSync(logFile, 'utf8')).filter(
    ({ startUs }) => startUs >= fromUs && startUs <= toUs,
  );
}

/** How many of each kind; a write of zeroes counts as a write. */
export function countRequests(requests: readonly LoggedRequest[]): OpCounts {
  const of = (kind: RequestKind): LoggedRequest[] => requests.filter((request) => request.kind === kind);
  const bytes = (kind: RequestKind): number => of(kind).reduce((sum, request) => sum + request.bytes, 0);
  return {
    writes: of('write').length + of('zero').length,
    writeBytes: bytes('write') + bytes('zero'),
    flushes: of('flush').length,
    reads: of('read').length,
    readBytes: bytes('read'),
    trims: of('trim').length,
  };
}

/** What came on top of a baseline. */
export function minusCounts(all: OpCounts, baseline: OpCounts): OpCounts {
  return {
    writes: all.writes - baseline.writes,
    writeBytes: all.writeBytes - baseline.writeBytes,
    flushes: all.flushes - baseline.flushes,
    reads: all.reads - baseline.reads,
    readBytes: all.readBytes - baseline.readBytes,
    trims: all.trims - baseline.trims,
  };
}

const LETTER: Readonly<Record<RequestKind, string>> = {
  write: 'W',
  read: 'R',
  trim: 'T',
  flush: 'F',
  zero: 'Z',
};

/** All requests in order, run-length coded as in opcounts.csv: `W65536x32 W256 W32 F`. */
export function sequenceOf(requests: readonly { kind: RequestKind; bytes: number }[]): string {
  return runLengthText(
    requests.map(({ kind, bytes }) => [kind === 'flush' ? LETTER.flush : `${LETTER[kind]}${bytes}`, 1]),
  );
}

function field(text: string, name: string): number {
  const match = new RegExp(`\\b${name}=(\\S+)`).exec(text);
  return match ? Number(match[1]) : 0;
}
