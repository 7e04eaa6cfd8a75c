/**
 * MSR Cambridge: `Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime`, no header. Timestamp: issue, Windows
 * filetime (100 ns since 1601), 18 digits. One volume is host + disk.
 */
import { COMMA, type LineCursor } from '../cursor.js';
import type { TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';
import { addByteRange } from './byte-range.js';

const FILETIME = 7;

function line(c: LineCursor, out: RecordSink): void {
  c.time(FILETIME);
  c.skip(COMMA);
  const from = c.at;
  c.field(COMMA);
  c.skip(COMMA);
  const device = out.devices.ofBytes(c.bytes, from, c.field(COMMA));
  c.skip(COMMA);
  const kind = c.sees('Write,') ? Kind.write : c.sees('Read,') ? Kind.read : c.fail('Read or Write');
  c.field(COMMA);
  addByteRange(c, out, kind, device);
}

export const format: TraceFormat = {
  name: 'msr',
  summary: 'MSR Cambridge CSV (SNIA IOTTA)',
  detect: (head) => /^\d{17,19},[^,]+,\d+,(Read|Write),\d+,\d+,\d+$/.test(head.lines[0] ?? ''),
  parser: () => ({ kind: 'text', line }),
};
