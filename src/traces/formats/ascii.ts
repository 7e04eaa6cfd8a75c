/**
 * DiskSim-like lines of MQSim, SSDsim and replayers: `time device offset size op`, 1 read 0 write. The units differ
 * by tool and no file states them, so they are named: `ascii:TIME:OFFSET:SIZE`, e.g. `ascii:ms:512:512`.
 */
import { InputError } from '../../base/errors.js';
import type { LineCursor } from '../cursor.js';
import type { TextParser, TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const BLANK = 32;
const POWER: Record<string, number> = { s: 0, ms: 3, us: 6, ns: 9 };

class AsciiParser implements TextParser {
  readonly kind = 'text';
  private readonly power: number;
  private readonly offsetBytes: number;
  private readonly sizeBytes: number;

  constructor(parameters: string) {
    const [time = '', offset = '', size = '', ...more] = parameters.split(':');
    const power = POWER[time];
    if (power === undefined || !isUnit(offset) || !isUnit(size) || more.length > 0)
      throw new InputError(
        `--format: 'ascii${parameters === '' ? '' : `:${parameters}`}' names no units; say ascii:TIME:OFFSET:SIZE with TIME one of s, ms, us, ns ` +
          'and the bytes of one unit of offset and size, such as ascii:ms:512:512',
      );
    this.power = power;
    this.offsetBytes = Number(offset);
    this.sizeBytes = Number(size);
  }

  line(c: LineCursor, out: RecordSink): void {
    c.blanks();
    c.time(this.power);
    c.gap();
    const device = out.devices.ofBytes(c.bytes, c.at, c.field(BLANK));
    c.gap();
    const offset = c.uint('an offset');
    c.gap();
    const size = c.uint('a size');
    c.gap();
    const op = c.uint('0 (write) or 1 (read)');
    if (op > 1) c.fail('0 (write) or 1 (read)');
    out.add(
      op === 0 ? Kind.write : Kind.read,
      device,
      c.seconds,
      c.nanos,
      offset * this.offsetBytes,
      size * this.sizeBytes,
    );
  }
}

const isUnit = (text: string): boolean => /^[1-9]\d{0,6}$/.test(text);

export const format: TraceFormat = {
  name: 'ascii',
  summary: 'DiskSim-like lines: time device offset size op; units named as ascii:ms:512:512',
  detect: (head) => /^\s*\d+(\.\d+)?\s+\d+\s+\d+\s+\d+\s+[01]\s*$/.test(head.lines[0] ?? ''),
  parser: (parameters) => new AsciiParser(parameters),
};
