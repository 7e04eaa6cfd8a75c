/** Alibaba block traces 2020: `device_id,opcode,offset,length,timestamp`; bytes, microseconds since the epoch; no header. */
import { COMMA, type LineCursor } from '../cursor.js';
import type { TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const MICROS = 6;

function line(c: LineCursor, out: RecordSink): void {
  const device = out.devices.ofBytes(c.bytes, c.at, c.field(COMMA));
  c.skip(COMMA);
  const kind = c.sees('W') ? Kind.write : c.sees('R') ? Kind.read : c.fail('R or W');
  c.at++;
  c.skip(COMMA);
  const offset = c.uint('an offset in bytes');
  c.skip(COMMA);
  const length = c.uint('a length in bytes');
  c.skip(COMMA);
  c.time(MICROS);
  out.add(kind, device, c.seconds, c.nanos, offset, length);
}

export const format: TraceFormat = {
  name: 'alibaba',
  summary: 'Alibaba block traces 2020 (io_traces.csv)',
  detect: (head) => /^\d+,[RW],\d+,\d+,\d{15,17}$/.test(head.lines[0] ?? ''),
  parser: () => ({ kind: 'text', line }),
};
