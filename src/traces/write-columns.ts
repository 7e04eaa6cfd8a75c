/** The writes of a trace in memory, 26 bytes each: columns grow by pieces, so that none is copied while it is read. */
const PIECE = 2 ** 16;

class Column<T extends Float64Array | Uint16Array> {
  private pieces: T[] = [];
  private at = PIECE;
  private readonly make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.make = make;
  }

  push(value: number): void {
    if (this.at === PIECE) {
      this.pieces.push(this.make(PIECE));
      this.at = 0;
    }
    this.pieces[this.pieces.length - 1]![this.at++] = value;
  }

  /** All values in one array; the pieces are let go. */
  take(count: number): T {
    const whole = this.make(count);
    for (const [i, piece] of this.pieces.entries())
      whole.set(piece.subarray(0, Math.min(PIECE, count - i * PIECE)), i * PIECE);
    this.pieces = [];
    this.at = PIECE;
    return whole;
  }
}

export interface Writes {
  readonly timesNs: Float64Array;
  readonly offsetsBytes: Float64Array;
  readonly lengthsBytes: Float64Array;
  readonly disks: Uint16Array;
}

const doubles = (length: number): Float64Array => new Float64Array(length);

export class WriteColumns {
  count = 0;
  private readonly times = new Column(doubles);
  private readonly offsets = new Column(doubles);
  private readonly lengths = new Column(doubles);
  private readonly disks = new Column((length) => new Uint16Array(length));

  push(timeNs: number, disk: number, offsetBytes: number, lengthBytes: number): void {
    this.count++;
    this.times.push(timeNs);
    this.offsets.push(offsetBytes);
    this.lengths.push(lengthBytes);
    this.disks.push(disk);
  }

  /** Everything, once. */
  take(): Writes {
    const { count } = this;
    return {
      timesNs: this.times.take(count),
      offsetsBytes: this.offsets.take(count),
      lengthsBytes: this.lengths.take(count),
      disks: this.disks.take(count),
    };
  }
}
