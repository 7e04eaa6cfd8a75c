/**
 * SYSTOR '17 LUN traces: header `Timestamp,Response,IOType,LUN,Offset,Size`; epoch seconds with nine decimals, bytes.
 * Rows are in order of completion, so issue times often step back. An empty IOType is neither read nor write.
 */
import { COMMA, type LineCursor } from '../cursor.js';
import type { TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';
import { addByteRange } from './byte-range.js';

const HEADER = 'Timestamp,Response,IOType,LUN,Offset,Size';

function line(c: LineCursor, out: RecordSink): void {
  if (c.line === 1 && c.sees(HEADER)) return;
  c.time(0);
  c.skip(COMMA);
  c.field(COMMA);
  c.skip(COMMA);
  const kind = c.sees('W') ? Kind.write : c.sees('R') || c.sees(',') ? Kind.read : c.fail('R or W');
  c.field(COMMA);
  c.skip(COMMA);
  const device = out.devices.ofBytes(c.bytes, c.at, c.field(COMMA));
  addByteRange(c, out, kind, device);
}

export const format: TraceFormat = {
  name: 'systor',
  summary: "SYSTOR '17 LUN traces (SNIA IOTTA)",
  detect: (head) => head.lines[0] === HEADER,
  parser: () => ({ kind: 'text', line }),
};
