/**
 * Memory in which a thread writes rows for the one that puts them into the file: both see it, so nothing is copied, and it
 * is used again once it has been read. Memory made anew for each task would cost more than the crossing: its pages are
 * touched for the first time.
 */

const ENCODER = new TextEncoder();
const HEAD_BYTES = Int32Array.BYTES_PER_ELEMENT;
const FIRST_BYTES = 1 << 16;
const [FREE, TAKEN] = [0, 1];

/** Text in shared memory, behind a word that says whether somebody still reads it. */
export type SharedText = Uint8Array<SharedArrayBuffer>;

const headOf = ({ buffer }: SharedText): Int32Array => new Int32Array(buffer, 0, 1);

function sharedText(bytes: number, state: number): SharedText {
  const text = new Uint8Array(new SharedArrayBuffer(HEAD_BYTES + bytes), HEAD_BYTES);
  headOf(text)[0] = state;
  return text;
}

/** Says that the text has been read: its thread may write there again. */
export function giveBack(text: SharedText): void {
  Atomics.store(headOf(text), 0, FREE);
}

/** Text that grows at its end, for whoever has claimed it. */
export class Room {
  length = 0;
  private bytes = sharedText(FIRST_BYTES, FREE);

  /** Takes it for new text, if nobody reads what was in it; false: it is taken. */
  claim(): boolean {
    if (Atomics.compareExchange(headOf(this.bytes), 0, FREE, TAKEN) === TAKEN) return false;
    this.length = 0;
    return true;
  }

  add(text: string): void {
    // No character takes more than three bytes.
    if (this.length + 3 * text.length > this.bytes.length) {
      const larger = sharedText(2 * this.bytes.length + 3 * text.length, TAKEN);
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.length += ENCODER.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** What it holds, until that is given back. */
  get text(): SharedText {
    return this.bytes.subarray(0, this.length);
  }
}
