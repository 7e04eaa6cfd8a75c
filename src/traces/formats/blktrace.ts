/**
 * blktrace's binary records (linux/blktrace_api.h, version 7): 48 bytes and a payload each, in the byte order of
 * the recording machine; one file a CPU, or all in one (`blkparse -d`). Counted as in blkparse.ts.
 */
import { BadRecord } from '../cursor.js';
import type { BinaryParser, TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';
import { countedEvent } from './blkparse.js';

const HEADER_BYTES = 48;
const MAGIC = 0x65617407;
const SECTOR = 512;
/** `act` in the low 16 bits of the action, without the bit that marks cgroup data. */
const EVENTS: Record<number, string> = { 1: 'Q', 7: 'D', 8: 'C' };
const CGROUP_BIT = 0x100;
/** Bits of the high 16 bits of the action. */
const CATEGORY = { write: 1 << 1, notify: 1 << 10, discard: 1 << 13, read: 1 << 0 };

class BlktraceParser implements BinaryParser {
  readonly kind = 'binary';
  private readonly counted: string | undefined;
  private readonly withWrites = new Set<string>();

  constructor(counted?: string) {
    this.counted = counted;
  }

  get enough(): boolean {
    return this.counted === undefined && this.withWrites.has('Q');
  }

  get outcome(): string {
    return countedEvent(this.withWrites);
  }

  record(view: DataView, at: number, end: number, out: RecordSink): number {
    if (at + HEADER_BYTES > end) return 0;
    const little = view.getUint32(at, true) === MAGIC;
    if (!little && view.getUint32(at, false) !== MAGIC)
      throw new BadRecord('no blktrace record (version 7) here');
    const length = HEADER_BYTES + view.getUint16(at + 46, little);
    if (at + length > end) return 0;
    const action = view.getUint32(at + 28, little);
    const category = Math.floor(action / 0x10000);
    if (category & CATEGORY.notify) return length;
    const event = EVENTS[action & 0xffff & ~CGROUP_BIT];
    const kind =
      category & CATEGORY.discard
        ? Kind.discard
        : category & CATEGORY.write
          ? Kind.write
          : category & CATEGORY.read
            ? Kind.read
            : Kind.flush;
    if (this.counted === undefined) {
      if (event !== undefined && kind === Kind.write && view.getUint32(at + 24, little) > 0)
        this.withWrites.add(event);
      return length;
    }
    const timeNs = view.getBigUint64(at + 8, little);
    const device = view.getUint32(at + 36, little);
    const id = out.devices.named(`${Math.floor(device / 0x100000)},${device % 0x100000}`);
    const seconds = Number(timeNs / 1_000_000_000n);
    const nanos = Number(timeNs % 1_000_000_000n);
    if (event !== this.counted) out.add(Kind.mark, id, seconds, nanos, 0, 0);
    else {
      const sector = Number(view.getBigUint64(at + 16, little));
      out.add(kind, id, seconds, nanos, sector * SECTOR, view.getUint32(at + 24, little));
    }
    return length;
  }
}

export const format: TraceFormat = {
  name: 'blktrace',
  summary: "blktrace's binary files (name every dev.blktrace.CPU of the device)",
  detect: (head) =>
    head.bytes.length >= 4 &&
    [true, false].some(
      (little) => new DataView(head.bytes.buffer, head.bytes.byteOffset, 4).getUint32(0, little) === MAGIC,
    ),
  survey: () => new BlktraceParser(),
  parser: (_parameters, counted) => new BlktraceParser(counted),
};
