/**
 * nbdkit's log filter: `YYYY-MM-DD HH:MM:SS.micros connection=N Write id=N offset=0x… count=0x… …`; the line with
 * three dots before the action is the completion and is not counted. Write and Zero write; Trim discards.
 * Several connections of one export write to one disk.
 */
import { BadRecord, type LineCursor } from '../cursor.js';
import type { TextParser, TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const REQUESTS: readonly (readonly [string, number])[] = [
  ['Write ', Kind.write],
  ['Read ', Kind.read],
  ['Zero ', Kind.write],
  ['Trim ', Kind.discard],
  ['Flush ', Kind.flush],
];
const BLANK = 32;

class NbdkitParser implements TextParser {
  readonly kind = 'text';

  line(c: LineCursor, out: RecordSink): void {
    const day = this.day(c);
    c.word(' ');
    const hours = this.part(c, ':');
    const minutes = this.part(c, ':');
    c.time(0, 'seconds');
    const seconds = day + hours * 3600 + minutes * 60 + c.seconds;
    const { nanos } = c;
    c.word(' ');
    if (!c.sees('connection=')) return; // Ready, Preconnect
    c.field(BLANK);
    c.word(' ');
    const request = REQUESTS.find(([name]) => c.sees(name));
    if (!request) return; // a completion, Connect, Extents …
    const device = out.devices.named('export');
    if (request[1] === Kind.flush) {
      out.add(Kind.flush, device, seconds, nanos, 0, 0);
      return;
    }
    c.at += request[0].length;
    c.field(BLANK);
    c.word(' offset=');
    const offset = c.hex('an offset');
    c.word(' count=');
    out.add(request[1], device, seconds, nanos, offset, c.hex('a count'));
  }

  private lastDate = '';
  private lastDay = 0;

  /** Seconds up to the start of the day; local time of the logging machine, so only differences mean something. */
  private day(c: LineCursor): number {
    const from = c.at;
    const date = new TextDecoder('latin1').decode(c.bytes.subarray(from, c.field(BLANK)));
    if (date !== this.lastDate) {
      const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
      if (Number.isNaN(ms))
        throw new BadRecord(`a date such as 2026-01-31 expected, not '${date.slice(0, 40)}'`);
      this.lastDate = date;
      this.lastDay = ms / 1000;
    }
    return this.lastDay;
  }

  private part(c: LineCursor, after: string): number {
    const value = c.uint('a time of day');
    c.word(after);
    return value;
  }
}

export const format: TraceFormat = {
  name: 'nbdkit',
  summary: "the log of nbdkit's log filter",
  detect: (head) =>
    head.lines.some((line) =>
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ (connection=\d+ |Ready |Preconnect )/.test(line),
    ),
  parser: () => new NbdkitParser(),
};
