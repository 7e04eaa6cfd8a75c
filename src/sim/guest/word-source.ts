/**
 * Random 32-bit words in blocks: the generator of src/kernel/rng.ts (xoshiro128** 1.1) run over local variables, so
 * that a loop over millions of writes pays an array read per word. Seeded from a named stream; serves wherever an Rng does.
 */
import { Rng } from '../../kernel/rng.js';

const BLOCK_WORDS = 1024;

export class WordSource extends Rng {
  private readonly words = new Uint32Array(BLOCK_WORDS);
  private readonly state: Uint32Array;
  private at = BLOCK_WORDS;

  constructor(rng: Rng) {
    super([1, 1, 1, 1]);
    this.state = Uint32Array.of(rng.uint32(), rng.uint32(), rng.uint32(), rng.uint32() | 1);
  }

  override uint32(): number {
    if (this.at === BLOCK_WORDS) this.refill();
    return this.words[this.at++]!;
  }

  override uniform(): number {
    return (this.uint32() * 0x200000 + (this.uint32() >>> 11)) / 0x20000000000000;
  }

  /** Random words into `out[0..n)`, in bulk. */
  fill(out: Uint32Array, n: number): void {
    const state = this.state;
    let s0 = state[0]! | 0;
    let s1 = state[1]! | 0;
    let s2 = state[2]! | 0;
    let s3 = state[3]! | 0;
    for (let i = 0; i < n; i++) {
      const scaled = Math.imul(s1, 5);
      out[i] = Math.imul((scaled << 7) | (scaled >>> 25), 9);
      const t = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= t;
      s3 = (s3 << 11) | (s3 >>> 21);
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = s3;
  }

  private refill(): void {
    this.fill(this.words, BLOCK_WORDS);
    this.at = 0;
  }
}
