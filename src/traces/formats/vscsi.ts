/**
 * CloudPhysics' vscsi, version 1 (32 bytes a record) and 2 (40 bytes), little endian: microseconds since the host
 * booted, 512-byte blocks, length in bytes. Version 2's layout is that of libCacheSim's reader; no file of it was seen.
 */
import { BadRecord } from '../cursor.js';
import type { BinaryParser, TraceFormat, TraceHead } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const SECTOR = 512;

/** SCSI opcodes (SBC-4): what each does to a bitmap. */
export function kindOfOpcode(opcode: number): number {
  switch (opcode) {
    case 0x0a: // WRITE(6), (10), (16), (12)
    case 0x2a:
    case 0x8a:
    case 0xaa:
    case 0x2e: // WRITE AND VERIFY
    case 0x8e:
    case 0x41: // WRITE SAME
    case 0x93:
      return Kind.write;
    case 0x42: // UNMAP
      return Kind.discard;
    case 0x35: // SYNCHRONIZE CACHE
    case 0x91:
      return Kind.flush;
    default:
      return Kind.read;
  }
}

/** The version's high byte tells the layouts apart; undefined: neither. */
function versionOf(bytes: Uint8Array): 1 | 2 | undefined {
  if (bytes.length < 32) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const second = (size: number): boolean => bytes.length >= size * 2;
  const is = (at: number, size: number, version: number): boolean =>
    view.getUint16(at, true) >>> 8 === version &&
    (!second(size) || view.getUint16(at + size, true) >>> 8 === version);
  if (is(14, 32, 1)) return 1;
  return bytes.length >= 40 && is(2, 40, 2) ? 2 : undefined;
}

/** Where the fields of a record are. */
const LAYOUT = {
  1: { size: 32, length: 4, opcode: 12, version: 14, block: 16, micros: 24 },
  2: { size: 40, length: 8, opcode: 0, version: 2, block: 16, micros: 24 },
} as const;

class VscsiParser implements BinaryParser {
  readonly kind = 'binary';
  private version: 1 | 2 | undefined;

  record(view: DataView, at: number, end: number, out: RecordSink): number {
    this.version ??= versionOf(new Uint8Array(view.buffer, view.byteOffset + at, end - at));
    if (this.version === undefined) throw new BadRecord('no vscsi record of version 1 or 2 here');
    const field = LAYOUT[this.version];
    if (at + field.size > end) return 0;
    if (view.getUint16(at + field.version, true) >>> 8 !== this.version)
      throw new BadRecord(`no vscsi record of version ${this.version} here`);
    const micros = view.getBigUint64(at + field.micros, true);
    const block = Number(view.getBigUint64(at + field.block, true));
    out.add(
      kindOfOpcode(view.getUint16(at + field.opcode, true)),
      out.devices.named('disk'),
      Number(micros / 1_000_000n),
      Number(micros % 1_000_000n) * 1000,
      block * SECTOR,
      view.getUint32(at + field.length, true),
    );
    return field.size;
  }
}

export const format: TraceFormat = {
  name: 'vscsi',
  summary: 'CloudPhysics vscsi, binary, version 1 or 2',
  detect: (head: TraceHead) => head.lines.length === 0 && versionOf(head.bytes) !== undefined,
  parser: () => new VscsiParser(),
};
