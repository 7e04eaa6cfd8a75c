/**
 * QEMU's trace event `blk_co_pwritev` (block/trace-events) with `-msg timestamp=on`: one line a request,
 * `pid@seconds.micros:blk_co_pwritev blk PTR bs PTR offset N bytes N flags 0xN`. The time is that of the issue.
 * Zero-writes come through the same event; one BlockBackend pointer is one disk.
 */
import type { LineCursor } from '../cursor.js';
import { BadRecord } from '../cursor.js';
import type { TextParser, TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const AT = 64;
const COLON = 58;
const BLANK = 32;

class QemuParser implements TextParser {
  readonly kind = 'text';
  private requests = 0;

  line(c: LineCursor, out: RecordSink): void {
    const start = c.at;
    if (c.sees('blk_co_p')) throw new BadRecord("line has no time: trace with '-msg timestamp=on'");
    c.field(AT);
    if (c.peek() !== AT) return; // another message in the same log
    c.at++;
    if (c.peek() < 48 || c.peek() > 57) return;
    c.time(0);
    if (c.peek() !== COLON) return;
    c.at++;
    const writes = c.sees('blk_co_pwritev ');
    if (!writes && !c.sees('blk_co_preadv ')) return;
    const { seconds, nanos } = c;
    c.field(BLANK);
    c.word(' blk ');
    const from = c.at;
    const device = out.devices.ofBytes(c.bytes, from, c.field(BLANK));
    c.word(' bs ');
    c.field(BLANK);
    c.word(' offset ');
    const offset = c.uint('an offset in bytes');
    c.word(' bytes ');
    const length = c.uint('a length in bytes');
    if (c.at <= start) c.fail('a request');
    this.requests++;
    out.add(writes ? Kind.write : Kind.read, device, seconds, nanos, offset, length);
  }

  end(): void {
    if (this.requests === 0) throw new BadRecord('no blk_co_pwritev line with a time in it');
  }
}

export const format: TraceFormat = {
  name: 'qemu',
  summary: "QEMU's trace event blk_co_pwritev, logged with -msg timestamp=on",
  detect: (head) => head.lines.some((line) => /(^|:)blk_co_p(write|read)v blk /.test(line)),
  parser: () => new QemuParser(),
};
