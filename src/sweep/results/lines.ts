/** Lines of a file of any size, with their byte offsets. */
import { closeSync, openSync, readSync } from 'node:fs';

export interface Line {
  readonly text: string;
  /** Byte offset behind the line's end. */
  readonly endBytes: number;
}

const PIECE_BYTES = 1 << 20;
const LF = 10;

/** Where a stretch of whole lines begins, and where it ends. */
export interface Stretch {
  readonly fromBytes: number;
  readonly toBytes: number;
}

/**
 * Every complete line, or those of a stretch that begins where a line does. What follows the last line end is torn, left by a
 * crash, and not given.
 */
export function* completeLines(
  path: string,
  { fromBytes, toBytes }: Stretch = { fromBytes: 0, toBytes: Number.POSITIVE_INFINITY },
): Generator<Line> {
  const fd = openSync(path, 'r');
  try {
    // One buffer for all: made anew for each piece they would pile up faster than garbage is collected.
    let piece = Buffer.alloc(PIECE_BYTES);
    /** Bytes at its begin of a line whose end is yet to come. */
    let kept = 0;
    for (let at = fromBytes; at < toBytes; ) {
      if (kept === piece.length) piece = Buffer.concat([piece], 2 * kept);
      const length = readSync(fd, piece, kept, Math.min(piece.length - kept, toBytes - at), at);
      if (length === 0) return;
      const pieceAt = at - kept;
      at += length;
      const data = piece.subarray(0, kept + length);
      let start = 0;
      for (let end = data.indexOf(LF); end !== -1; end = data.indexOf(LF, start)) {
        yield { text: data.toString('utf8', start, end), endBytes: pieceAt + end + 1 };
        start = end + 1;
      }
      kept = data.length - start;
      piece.copyWithin(0, start, data.length);
    }
  } finally {
    closeSync(fd);
  }
}

/** Lines of a file by the offset at which they begin; quick where one comes soon after the other. */
export class LineReader {
  readonly fd: number;
  private piece = Buffer.alloc(PIECE_BYTES);
  private from = 0;
  private length = 0;

  constructor(path: string) {
    this.fd = openSync(path, 'r');
  }

  /** A complete line, without its end. */
  lineAt(offset: number): string {
    const inside = offset >= this.from && offset < this.from + this.length;
    let end = inside ? this.endOf(offset) : -1;
    if (end === -1) {
      this.fill(offset);
      end = this.endOf(offset);
    }
    while (end === -1 && this.length === this.piece.length) {
      this.piece = Buffer.alloc(2 * this.piece.length);
      this.fill(offset);
      end = this.endOf(offset);
    }
    const start = offset - this.from;
    return this.piece.toString('utf8', start, end === -1 ? this.length : end);
  }

  private fill(offset: number): void {
    this.from = offset;
    this.length = readSync(this.fd, this.piece, 0, this.piece.length, offset);
  }

  private endOf(offset: number): number {
    return this.piece.subarray(0, this.length).indexOf(LF, offset - this.from);
  }
}

/** The bytes of a file, piece by piece. */
export function* piecesOf(path: string): Generator<Uint8Array> {
  const fd = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece))
      yield piece.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}
