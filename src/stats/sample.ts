/** Numbers that come one by one, many of them: eight bytes each, or none where only their mean is wanted. */

/** A growing list of numbers. */
export class Sample {
  private room = new Float64Array(16);
  private count = 0;

  push(value: number): void {
    if (this.count === this.room.length) {
      const larger = new Float64Array(2 * this.count);
      larger.set(this.room);
      this.room = larger;
    }
    this.room[this.count++] = value;
  }

  get length(): number {
    return this.count;
  }

  /** The numbers so far, not copied. */
  get values(): Float64Array {
    return this.room.subarray(0, this.count);
  }
}

/** The mean as simple-statistics takes it, to the last bit: a sum that carries its rounding error along (Neumaier). */
export class RunningMean {
  private sum = 0;
  private correction = 0;
  private count = 0;

  push(value: number): void {
    if (this.count++ === 0) {
      this.sum = value;
      return;
    }
    const next = this.sum + value;
    this.correction +=
      Math.abs(this.sum) >= Math.abs(value) ? this.sum - next + value : value - next + this.sum;
    this.sum = next;
  }

  /** Null before the first number. */
  get mean(): number | null {
    return this.count === 0 ? null : (this.sum + this.correction) / this.count;
  }
}
