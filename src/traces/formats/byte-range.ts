/** The end of a line of the CSV collections that count in bytes: `,offset,length`. */
import { COMMA, type LineCursor } from '../cursor.js';
import type { RecordSink } from '../sink.js';

/** Reads it, and hands the record over. */
export function addByteRange(c: LineCursor, out: RecordSink, kind: number, device: number): void {
  c.skip(COMMA);
  const offset = c.uint('an offset in bytes');
  c.skip(COMMA);
  const length = c.uint('a size in bytes');
  out.add(kind, device, c.seconds, c.nanos, offset, length);
}
