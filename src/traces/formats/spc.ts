/**
 * SPC trace file format 1.0.1 (UMass Financial, WebSearch): `ASU,LBA,Size,Opcode,Timestamp[,more]`; 512-byte blocks,
 * size in bytes, R or W in either case, decimal seconds from the start; blanks and further fields are allowed.
 */
import { COMMA, type LineCursor } from '../cursor.js';
import type { TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const SECTOR = 512;
const LOWER_CASE = 32;

function line(c: LineCursor, out: RecordSink): void {
  c.blanks();
  const from = c.at;
  c.uint('an ASU number');
  const device = out.devices.ofBytes(c.bytes, from, c.at);
  c.skip(COMMA);
  const block = c.uint('a block number');
  c.skip(COMMA);
  const length = c.uint('a size in bytes');
  c.skip(COMMA);
  const opcode = String.fromCharCode(c.peek() | LOWER_CASE);
  const kind = opcode === 'w' ? Kind.write : opcode === 'r' ? Kind.read : c.fail('R or W');
  c.at++;
  c.skip(COMMA);
  c.time(0);
  out.add(kind, device, c.seconds, c.nanos, block * SECTOR, length);
}

export const format: TraceFormat = {
  name: 'spc',
  summary: 'SPC format 1.0 (UMass Financial and WebSearch)',
  detect: (head) =>
    /^\s*\d+\s*,\s*\d+\s*,\s*\d+\s*,\s*[rRwW]\s*,\s*\d+(\.\d+)?\s*(,|$)/.test(head.lines[0] ?? ''),
  parser: () => ({ kind: 'text', line }),
};
