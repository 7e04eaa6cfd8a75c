/**
 * A clock with a heap of events, chance, and a server that is shared evenly: all that the re-check needs, and nothing of
 * src/. Times are seconds.
 */

/** What is to happen, in order of time; equal times in order of asking. */
export class Loop {
  now = 0;
  private asked = 0;
  private readonly heap: { readonly at: number; readonly nth: number; readonly act: () => void }[] = [];

  in(seconds: number, act: () => void): void {
    const { heap } = this;
    heap.push({ at: this.now + seconds, nth: this.asked++, act });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.isBefore(i, parent)) break;
      this.swap(i, parent);
      i = parent;
    }
  }

  /** Goes on until `ends` holds, which is asked after every event, or nothing is left to happen. */
  run(ends: () => boolean = () => false): void {
    while (this.heap.length > 0 && !ends()) {
      const first = this.heap[0]!;
      this.swap(0, this.heap.length - 1);
      this.heap.pop();
      this.sink();
      this.now = first.at;
      first.act();
    }
  }

  private sink(): void {
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < this.heap.length && this.isBefore(child, least)) least = child;
      if (least === i) return;
      this.swap(i, least);
      i = least;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const [x, y] = [this.heap[a]!, this.heap[b]!];
    return x.at < y.at || (x.at === y.at && x.nth < y.nth);
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }
}

/** Uniform numbers in [0, 1): sfc32 of C. Doty-Humphrey's PractRand, a counter and three words. */
export function chance(seed: number): () => number {
  let [a, b, c, counter] = [seed, 0x9e3779b9, 0x243f6a88, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** A server on which each of n customers advances at 1/n. */
export class Shared {
  private readonly loop: Loop;
  /** Work that a customer who never leaves would have had, and when that was. */
  private had = 0;
  private since = 0;
  private changes = 0;
  private customers: { readonly leavesAt: number; readonly done: () => void }[] = [];

  constructor(loop: Loop) {
    this.loop = loop;
  }

  serve(seconds: number, done: () => void): void {
    this.catchUp();
    this.customers.push({ leavesAt: this.had + seconds, done });
    this.customers.sort((a, b) => a.leavesAt - b.leavesAt);
    this.expectNext();
  }

  private catchUp(): void {
    if (this.customers.length > 0) this.had += (this.loop.now - this.since) / this.customers.length;
    this.since = this.loop.now;
  }

  private expectNext(): void {
    const change = ++this.changes;
    const [first] = this.customers;
    if (first === undefined) return;
    this.loop.in(Math.max(0, first.leavesAt - this.had) * this.customers.length, () => {
      if (change !== this.changes) return;
      this.catchUp();
      this.had = first.leavesAt;
      this.customers.shift();
      this.expectNext();
      first.done();
    });
  }
}
