/**
 * blkparse's default text: `maj,min cpu seq seconds.nanos pid action rwbs sector + sectors [process]`.
 *
 * A request shows up under several actions, so exactly one kind is counted: Q (as the guest asked) where the
 * file has queued writes, else D (issued), else C (completed). Lines that are not events (comments, the summary
 * at the end) are passed over.
 */
import { BadRecord, COMMA, type LineCursor } from '../cursor.js';
import type { TextParser, TraceFormat } from '../format.js';
import { Kind } from '../record.js';
import type { RecordSink } from '../sink.js';

const SECTOR = 512;
const BLANK = 32;
const PLUS = 43;
const BRACKET = 91;

/**
 * blkparse prints an event before the first one as 2^64 ns + t with its seconds cut to 32 bits, so that
 * 1266874889.709551616 s stands for 0. No real trace runs for 38 years.
 */
const WRAPPED_SECONDS_MIN = 1_200_000_000;
const WRAP_SECONDS = 1_266_874_889;
const WRAP_NANOS = 709_551_616;

/** What the letters of RWBS mean: R, W or D after an optional F (preflush). */
function kindOfRwbs(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    if (bytes[i] === 87) return Kind.write;
    if (bytes[i] === 68) return Kind.discard;
    if (bytes[i] === 82) return Kind.read;
  }
  return Kind.flush;
}

/** Of Q, D and C the one to count, given which of them carry writes. */
export function countedEvent(withWrites: ReadonlySet<string>): string {
  return ['Q', 'D', 'C'].find((event) => withWrites.has(event)) ?? 'Q';
}

class BlkparseParser implements TextParser {
  readonly kind = 'text';
  /** The event to count; undefined while surveying. */
  private readonly counted: string | undefined;
  private readonly withWrites = new Set<string>();
  private events = 0;

  constructor(counted?: string) {
    this.counted = counted;
  }

  get enough(): boolean {
    return this.counted === undefined && this.withWrites.has('Q');
  }

  get outcome(): string {
    return countedEvent(this.withWrites);
  }

  line(c: LineCursor, out: RecordSink): void {
    c.blanks();
    const deviceFrom = c.at;
    if (!isDeviceNumber(c)) return;
    const deviceTo = c.at;
    for (const what of ['a CPU', 'a sequence number']) {
      c.blanks();
      c.uint(what);
    }
    c.blanks();
    c.time(0);
    let { seconds, nanos } = c;
    if (seconds >= WRAPPED_SECONDS_MIN) {
      seconds -= WRAP_SECONDS + 1;
      nanos += 1e9 - WRAP_NANOS;
    }
    c.blanks();
    c.uint('a process id');
    c.blanks();
    const actionFrom = c.at;
    const action = c.field(BLANK) - actionFrom === 1 ? String.fromCharCode(c.bytes[actionFrom]!) : '';
    c.blanks();
    const rwbsFrom = c.at;
    const kind = kindOfRwbs(c.bytes, rwbsFrom, c.field(BLANK));
    this.events++;
    if (this.counted === undefined) {
      if (kind === Kind.write) this.withWrites.add(action);
      return;
    }
    const device = out.devices.ofBytes(c.bytes, deviceFrom, deviceTo);
    if (action !== this.counted) {
      out.add(Kind.mark, device, seconds, nanos, 0, 0);
      return;
    }
    c.blanks();
    const isSector = c.peek() >= 48 && c.peek() <= 57;
    const sector = isSector ? c.uint('a sector') : 0;
    c.blanks();
    let sectors = 0;
    if (c.peek() === PLUS) {
      c.skip(PLUS);
      sectors = c.uint('a count of sectors');
    } else if (!isSector && c.peek() !== BRACKET && c.peek() !== -1) c.fail('a sector');
    // A preflush alone has neither sector nor length, whatever RWBS says.
    out.add(kind, device, seconds, nanos, sector * SECTOR, sectors * SECTOR);
  }

  end(): void {
    if (this.events === 0)
      throw new BadRecord("no event in blkparse's default form (printed with -f? print again without it)");
  }
}

function isDeviceNumber(c: LineCursor): boolean {
  const digits = (): boolean => {
    const from = c.at;
    while (c.peek() >= 48 && c.peek() <= 57) c.at++;
    return c.at > from;
  };
  if (!digits() || c.peek() !== COMMA) return false;
  c.at++;
  return digits() && c.peek() === BLANK;
}

export const format: TraceFormat = {
  name: 'blkparse',
  summary: 'blkparse text in its default form (without -f)',
  detect: (head) =>
    head.lines.some((line) => /^\s*\d+,\d+\s+\d+\s+\d+\s+\d+\.\d{9}\s+\d+\s+[A-Z]{1,2}\s+[A-Z]+/.test(line)),
  survey: () => new BlkparseParser(),
  parser: (_parameters, counted) => new BlkparseParser(counted),
};
