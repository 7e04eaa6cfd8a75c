/**
 * Plain CSV whose header names columns and units: `time_s|time_ms|time_us|time_ns`, `offset_bytes|offset_sectors`,
 * `length_bytes|length_sectors`, and, if wanted, `op` (w…/1 writes, d…/t… discards, else reads; absent: all are writes) and
 * `device`. Other names are mapped: `--format csv:time_us=ts,offset_sectors=lba,length_bytes=len,op=rw,device=vol`.
 */
import { InputError } from '../../base/errors.js';
import { BadRecord, COMMA, type LineCursor } from '../cursor.js';
import type { TextParser, TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const SECTOR = 512;
const QUOTE = 34;
const TIME_POWER: Record<string, number> = { time_s: 0, time_ms: 3, time_us: 6, time_ns: 9 };
const UNIT: Record<string, number> = {
  offset_bytes: 1,
  offset_sectors: SECTOR,
  length_bytes: 1,
  length_sectors: SECTOR,
};
const ROLES = [...Object.keys(TIME_POWER), ...Object.keys(UNIT), 'op', 'device'];
const NEEDED = ['time', 'offset', 'length'];

class CsvParser implements TextParser {
  readonly kind = 'text';
  /** Role by column name, from `--format csv:role=column,…`. */
  private readonly roles = new Map<string, string>();
  /** Role by column index. */
  private columns: (string | undefined)[] = [];

  constructor(parameters: string) {
    for (const pair of parameters === '' ? [] : parameters.split(',')) {
      const [role = '', column = ''] = pair.split('=');
      if (!ROLES.includes(role) || column === '')
        throw new InputError(`--format: '${pair}' is not ROLE=COLUMN with ROLE one of ${ROLES.join(', ')}`);
      this.roles.set(column, role);
    }
  }

  line(c: LineCursor, out: RecordSink): void {
    if (c.line === 1) {
      this.header(c);
      return;
    }
    let kind: number = Kind.write;
    let device = -1;
    let offset = 0;
    let length = 0;
    for (let i = 0; i < this.columns.length; i++) {
      if (i > 0) c.skip(COMMA);
      const role = this.columns[i];
      if (c.peek() === QUOTE && role !== undefined) c.at++;
      if (role === undefined) c.field(COMMA);
      else if (role in TIME_POWER) c.time(TIME_POWER[role]!);
      else if (role === 'op') kind = this.op(c);
      else if (role === 'device') device = out.devices.ofBytes(c.bytes, c.at, this.fieldEnd(c));
      else if (role.startsWith('offset')) offset = c.uint('an offset') * UNIT[role]!;
      else length = c.uint('a length') * UNIT[role]!;
      if (c.peek() === QUOTE) c.at++;
    }
    out.add(kind, device < 0 ? out.devices.named('disk') : device, c.seconds, c.nanos, offset, length);
  }

  private fieldEnd(c: LineCursor): number {
    const end = c.field(COMMA);
    if (c.bytes[end - 1] === QUOTE) c.at--;
    return c.at;
  }

  private op(c: LineCursor): number {
    const letter = String.fromCharCode(c.peek() | 32);
    c.at = this.fieldEnd(c);
    if (letter === 'w' || letter === '1') return Kind.write;
    if (letter === 'd' || letter === 't') return Kind.discard;
    return letter === 'f' || letter === 's' ? Kind.flush : Kind.read;
  }

  private header(c: LineCursor): void {
    const names = new TextDecoder().decode(c.bytes.subarray(c.at, c.end)).split(',');
    const plain = names.map((name) => name.trim().replace(/^"|"$/g, ''));
    for (const column of this.roles.keys())
      if (!plain.includes(column))
        throw new InputError(`--format: the file has no column '${column}'; it has ${plain.join(', ')}`);
    this.columns = plain.map((name) => this.roles.get(name) ?? (ROLES.includes(name) ? name : undefined));
    for (const role of NEEDED)
      if (this.columns.filter((column) => column?.startsWith(role)).length !== 1)
        throw new BadRecord(
          `the header must name one column of ${ROLES.filter((name) => name.startsWith(role)).join(', ')}; it has ${plain.join(', ')}`,
        );
  }
}

export const format: TraceFormat = {
  name: 'csv',
  summary: 'plain CSV with columns time_us, offset_bytes, length_bytes, op, device (units in the names)',
  detect: (head) => {
    const names = (head.lines[0] ?? '').split(',').map((name) => name.trim().replace(/^"|"$/g, ''));
    return NEEDED.every((role) => names.some((name) => name.startsWith(`${role}_`) && ROLES.includes(name)));
  },
  parser: (parameters) => new CsvParser(parameters),
};
