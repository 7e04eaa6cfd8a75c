/**
 * CloudPhysics as libCacheSim's CSV: header `version,time,op,size,lbn`; whole seconds, SCSI opcode in hex, bytes,
 * 512-byte blocks. The binary form of the same (vscsi) has microseconds: prefer it.
 */
import { COMMA, type LineCursor } from '../cursor.js';
import type { TraceFormat } from '../format.js';
import type { RecordSink } from '../sink.js';
import { kindOfOpcode } from './vscsi.js';

const SECTOR = 512;
const HEADER = 'version,time,op,size,lbn';

function line(c: LineCursor, out: RecordSink): void {
  if (c.line === 1 && c.sees(HEADER)) return;
  c.uint('a version');
  c.skip(COMMA);
  c.time(0);
  c.skip(COMMA);
  const opcode = hexDigits(c);
  c.skip(COMMA);
  const length = c.uint('a size in bytes');
  c.skip(COMMA);
  const block = c.uint('a block number');
  out.add(kindOfOpcode(opcode), out.devices.named('disk'), c.seconds, c.nanos, block * SECTOR, length);
}

function hexDigits(c: LineCursor): number {
  const from = c.at;
  const text = new TextDecoder('latin1').decode(c.bytes.subarray(from, c.field(COMMA)));
  return /^[0-9a-f]{1,2}$/i.test(text) ? Number.parseInt(text, 16) : c.fail('a SCSI opcode in hex');
}

export const format: TraceFormat = {
  name: 'cloudphysics',
  summary: 'CloudPhysics CSV as libCacheSim writes it (whole seconds: spread evenly)',
  detect: (head) => head.lines[0] === HEADER,
  wholeSeconds: true,
  parser: () => ({ kind: 'text', line }),
};
