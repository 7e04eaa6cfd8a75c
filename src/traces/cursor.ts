/**
 * Reads the fields of one line straight from the file's bytes: no string is made, and no number goes through a
 * double that could not hold it.
 */

/** A line or record that is not what the format says. The reader adds file and line, or counts and skips it. */
export class BadRecord extends Error {}

const ZERO = 48;
const BLANK = 32;
const TAB = 9;
const POINT = 46;
const POW10 = [1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
export const COMMA = 44;

/** A place in one line, and the fields that can begin there. A method that does not find its field throws BadRecord. */
export class LineCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** 1 for the first line of the file. */
  line = 0;
  /** Result of `time`. */
  seconds = 0;
  nanos = 0;

  fail(what: string): never {
    throw new BadRecord(`${what} expected at column ${this.at - this.start + 1} of '${this.text()}'`);
  }

  private start = 0;
  set(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = bytes;
    this.at = from;
    this.start = from;
    this.end = to;
  }

  /** The whole line, shortened for a message. */
  text(): string {
    const to = Math.min(this.end, this.start + 120);
    return new TextDecoder().decode(this.bytes.subarray(this.start, to)) + (to < this.end ? '…' : '');
  }

  /** The byte under the cursor; -1 at the end. */
  peek(): number {
    return this.at < this.end ? this.bytes[this.at]! : -1;
  }

  blanks(): void {
    while (this.at < this.end) {
      const byte = this.bytes[this.at];
      if (byte !== BLANK && byte !== TAB) return;
      this.at++;
    }
  }

  /** Steps over one separator byte, and blanks around it. */
  skip(byte: number): void {
    this.blanks();
    if (this.peek() !== byte) this.fail(`'${String.fromCharCode(byte)}'`);
    this.at++;
    this.blanks();
  }

  /** Steps over at least one blank. */
  gap(): void {
    const from = this.at;
    this.blanks();
    if (this.at === from) this.fail('a blank');
  }

  /** Steps over the given text. */
  word(text: string): void {
    for (let i = 0; i < text.length; i++)
      if (this.bytes[this.at + i] !== text.charCodeAt(i) || this.at + i >= this.end) this.fail(`'${text}'`);
    this.at += text.length;
  }

  /** True if the given text is here; does not move. */
  sees(text: string): boolean {
    if (this.at + text.length > this.end) return false;
    for (let i = 0; i < text.length; i++) if (this.bytes[this.at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Moves to the next `separator`, or the end; returns where the field ends. */
  field(separator: number): number {
    while (this.at < this.end && this.bytes[this.at] !== separator) this.at++;
    return this.at;
  }

  /** A whole number up to 2^53 - 1. */
  uint(what: string): number {
    const from = this.at;
    let value = 0;
    for (; this.at < this.end; this.at++) {
      const digit = this.bytes[this.at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (this.at === from || value > Number.MAX_SAFE_INTEGER) {
      this.at = from;
      this.fail(what);
    }
    return value;
  }

  /** A hexadecimal number after `0x`, up to 2^53 - 1. */
  hex(what: string): number {
    this.word('0x');
    const from = this.at;
    let value = 0;
    for (; this.at < this.end; this.at++) {
      const byte = this.bytes[this.at]!;
      const digit = byte <= 57 ? byte - ZERO : (byte | 32) - 87;
      if (digit < 0 || digit > 15 || (byte > 57 && digit < 10)) break;
      value = value * 16 + digit;
    }
    if (this.at === from || value > Number.MAX_SAFE_INTEGER) this.fail(what);
    return value;
  }

  /**
   * A time in units of 10^-power seconds (0 s, 3 ms, 6 us, 7 filetime, 9 ns), with or without a decimal point,
   * of any number of digits. Split by digits into whole seconds and nanoseconds; what is below 1 ns is cut off.
   */
  time(power: number, what = 'a time'): void {
    const from = this.at;
    while (this.at < this.end && this.bytes[this.at]! >= ZERO && this.bytes[this.at]! <= 57) this.at++;
    const to = this.at;
    if (to === from) this.fail(what);
    const cut = Math.max(from, to - power);
    this.seconds = this.digits(from, cut);
    let nanos = this.digits(cut, to) * POW10[9 - power]!;
    if (this.peek() === POINT) {
      let scale = POW10[9 - power]!;
      const first = ++this.at;
      for (; this.at < this.end; this.at++) {
        const digit = this.bytes[this.at]! - ZERO;
        if (digit < 0 || digit > 9) break;
        scale /= 10;
        if (scale >= 1) nanos += digit * scale;
      }
      if (this.at === first) this.fail(what);
    }
    this.nanos = nanos;
    if (this.seconds > Number.MAX_SAFE_INTEGER) this.fail(what);
  }

  private digits(from: number, to: number): number {
    let value = 0;
    for (let i = from; i < to; i++) value = value * 10 + this.bytes[i]! - ZERO;
    return value;
  }
}
