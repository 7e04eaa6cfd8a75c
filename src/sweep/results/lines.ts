/** Lines of a file of any size, with their byte offsets. */
import { closeSync, openSync, readSync } from 'node:fs';

export interface Line {
  readonly text: string;
  /** Byte offset behind the line's end. */
  readonly endBytes: number;
}

const PIECE_BYTES = 1 << 20;
const LF = 10;

/** Every complete line. What follows the last line end is torn, left by a crash, and not given. */
export function* completeLines(path: string): Generator<Line> {
  const fd = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let rest = Buffer.alloc(0);
    let restStart = 0;
    for (;;) {
      const length = readSync(fd, piece, 0, PIECE_BYTES, null);
      if (length === 0) return;
      const data = Buffer.concat([rest, piece.subarray(0, length)]);
      let start = 0;
      for (let end = data.indexOf(LF); end !== -1; end = data.indexOf(LF, start)) {
        yield { text: data.toString('utf8', start, end), endBytes: restStart + end + 1 };
        start = end + 1;
      }
      rest = Buffer.from(data.subarray(start));
      restStart += start;
    }
  } finally {
    closeSync(fd);
  }
}
