/**
 * fio's `write_iolog`, version 3 (fio 3.31 and later): `microseconds file action [offset length]` after a line
 * that names the version. The clock starts with the job; opening and closing files are not requests, but a close after
 * the last request says how long nothing more was written.
 */
import { BadRecord, type LineCursor } from '../cursor.js';
import type { TextParser, TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const BLANK = 32;
const MICROS = 6;
const REQUESTS: readonly (readonly [string, number])[] = [
  ['write', Kind.write],
  ['read', Kind.read],
  ['sync', Kind.flush],
  ['datasync', Kind.flush],
  ['trim', Kind.discard],
];
const FILE_ACTIONS = ['add', 'open'];
const CLOSE = 'close';

class IologParser implements TextParser {
  readonly kind = 'text';
  private requests = 0;

  line(c: LineCursor, out: RecordSink): void {
    if (c.sees('fio version')) {
      if (c.line > 1) throw new BadRecord('a second run begins here with a clock of its own: split the log');
      c.word('fio version 3 iolog');
      return;
    }
    c.time(MICROS);
    c.gap();
    const from = c.at;
    const to = c.field(BLANK);
    c.gap();
    const actionFrom = c.at;
    const actionBytes = c.field(BLANK) - actionFrom;
    c.at = actionFrom;
    const isAction = (name: string): boolean => name.length === actionBytes && c.sees(name);
    const request = REQUESTS.find(([name]) => isAction(name));
    if (!request) {
      if (isAction(CLOSE)) this.close(c, out.devices.ofBytes(c.bytes, from, to), out);
      else if (!FILE_ACTIONS.some(isAction))
        c.fail('an action of fio (file names with blanks break this format)');
      return;
    }
    this.requests++;
    c.at += actionBytes;
    c.gap();
    const offset = c.uint('an offset in bytes');
    c.gap();
    const length = c.uint('a length in bytes');
    out.add(request[1], out.devices.ofBytes(c.bytes, from, to), c.seconds, c.nanos, offset, length);
  }

  /** Before any request a file was only laid out. */
  private close({ seconds, nanos }: LineCursor, device: number, out: RecordSink): void {
    if (this.requests > 0) out.add(Kind.mark, device, seconds, nanos, 0, 0);
  }
}

export const format: TraceFormat = {
  name: 'iolog',
  summary: "fio's write_iolog, version 3 (microseconds)",
  detect: (head) => head.lines[0] === 'fio version 3 iolog',
  parser: () => new IologParser(),
};
