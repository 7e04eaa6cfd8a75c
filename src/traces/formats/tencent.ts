/**
 * Tencent CBS 2018: `Timestamp,Offset,Size,IOType,VolumeID`, no header; Unix seconds, 512-byte sectors, 0 read 1 write.
 * Whole seconds, which step back by one now and then: sorted, then spread evenly over the second in file order.
 */
import { COMMA, type LineCursor } from '../cursor.js';
import type { TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const SECTOR = 512;

function line(c: LineCursor, out: RecordSink): void {
  c.time(0);
  c.skip(COMMA);
  const sector = c.uint('an offset in sectors');
  c.skip(COMMA);
  const sectors = c.uint('a size in sectors');
  c.skip(COMMA);
  const kind = c.sees('1,') ? Kind.write : c.sees('0,') ? Kind.read : c.fail('0 (read) or 1 (write)');
  c.at++;
  c.skip(COMMA);
  const device = out.devices.ofBytes(c.bytes, c.at, c.end);
  out.add(kind, device, c.seconds, c.nanos, sector * SECTOR, sectors * SECTOR);
}

export const format: TraceFormat = {
  name: 'tencent',
  summary: 'Tencent CBS 2018 (whole seconds: spread evenly)',
  detect: (head) => /^\d{10},\d+,\d+,[01],\d+$/.test(head.lines[0] ?? ''),
  wholeSeconds: true,
  parser: () => ({ kind: 'text', line }),
};
