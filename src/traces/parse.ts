/** From a file's bytes to records, in the order of the file. */
import { InputError } from '../base/errors.js';
import { BadRecord, LineCursor } from './cursor.js';
import type { BinaryParser, TextParser, TraceParser } from './format.js';
import type { RecordBatch } from './record.js';
import type { RecordSink } from './sink.js';
import { readBytes } from './source.js';

const NEWLINE = 10;
const RETURN = 13;
const LINE_BYTES_MAX = 1024 * 1024;

export interface ParseOptions {
  readonly skipBad: boolean;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Lines or records left out because of `--skip-bad`, and the first of them. */
export interface Skipped {
  count: number;
  first: string | undefined;
}

/** Yields the records of each piece of the file; a yielded batch is valid until the next is asked for. */
export async function* parseFile(
  path: string,
  parser: TraceParser,
  sink: RecordSink,
  options: ParseOptions,
  skipped: Skipped,
): AsyncGenerator<RecordBatch> {
  const bad = (error: unknown, where: string): void => {
    if (!(error instanceof BadRecord)) throw error;
    const message = `${path}: ${where}: ${error.message}`;
    if (!options.skipBad) throw new InputError(`${message} (--skip-bad leaves such lines out)`);
    skipped.count++;
    skipped.first ??= message;
  };
  const take = parser.kind === 'text' ? lineTaker(parser, sink, bad) : recordTaker(parser, sink, bad);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of readBytes(path, options.onBytes)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    rest = bytes.subarray(take(bytes, false));
    if (rest.length > LINE_BYTES_MAX)
      throw new InputError(`${path}: has a line of more than 1 MiB; that is no text trace`);
    if (sink.buffer.count > 0) {
      yield sink.buffer;
      sink.buffer.count = 0;
    }
    if (parser.enough) return;
  }
  take(rest, true);
  try {
    parser.end?.();
  } catch (error) {
    if (error instanceof BadRecord) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
  if (sink.buffer.count > 0) yield sink.buffer;
  sink.buffer.count = 0;
}

/** Handles what is complete in `bytes`, and returns how much that was. */
type Take = (bytes: Buffer, last: boolean) => number;

function lineTaker(parser: TextParser, sink: RecordSink, bad: (e: unknown, where: string) => void): Take {
  const cursor = new LineCursor();
  return (bytes, last) => {
    let from = 0;
    while (from < bytes.length) {
      let to = bytes.indexOf(NEWLINE, from);
      if (to < 0) {
        if (!last) break;
        to = bytes.length;
      }
      cursor.line++;
      const end = to > from && bytes[to - 1] === RETURN ? to - 1 : to;
      // A byte order mark belongs to no field.
      const start = cursor.line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb ? 3 : from;
      if (end > start) {
        cursor.set(bytes, start, end);
        try {
          parser.line(cursor, sink);
        } catch (error) {
          bad(error, `line ${cursor.line}`);
        }
      }
      from = to + 1;
    }
    return Math.min(from, bytes.length);
  };
}

function recordTaker(parser: BinaryParser, sink: RecordSink, bad: (e: unknown, where: string) => void): Take {
  let record = 0;
  let damaged = false;
  return (bytes, last) => {
    if (damaged) return bytes.length;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    while (at < bytes.length) {
      record++;
      let length = 0;
      try {
        length = parser.record(view, at, bytes.length, sink);
        if (length === 0 && last) throw new BadRecord('the file ends inside a record (cut off?)');
      } catch (error) {
        bad(error, `record ${record}`);
        // Nothing says where the next record of a damaged binary file begins: the rest is left out.
        damaged = true;
        return bytes.length;
      }
      if (length === 0) {
        record--;
        break;
      }
      at += length;
    }
    return at;
  };
}
