/**
 * A sequential part for the first-touch engine. Which write goes where is certain, only when it comes is not: streams
 * take turns, each slot by slot through its own part of the region, and enter unit after unit once. When a stream has
 * come round it enters nothing new.
 */
import type { Region } from './layout.js';
import { type SlotStream, slotStreams, turnsOf } from './sequential-streams.js';

/** A sequential part of the writes on one disk. */
export interface SequentialHits {
  readonly region: Region;
  readonly unitBytes: number;
  readonly streams: number;
  readonly perNs: number;
  /** Writes that the part has made when the run begins. */
  readonly before: number;
}

interface Stream extends SlotStream {
  readonly firstUnit: number;
  readonly lastUnit: number;
}

export class SequentialWalk {
  readonly perNs: number;
  /** Writes made so far. */
  made = 0;
  private readonly hits: SequentialHits;
  private readonly streams: readonly Stream[];
  /** Units that are the last of one stream and the first of the next: whoever comes second enters nothing. */
  private readonly shared = new Map<number, boolean>();

  constructor(hits: SequentialHits) {
    this.hits = hits;
    this.perNs = hits.perNs;
    this.streams = slotStreams(hits.region.slots, hits.streams).map((part) => ({
      ...part,
      firstUnit: this.unitOf(part.first),
      lastUnit: this.unitOf(part.first + part.slots - 1),
    }));
    for (const [k, stream] of this.streams.entries())
      if (this.streams[k - 1]?.lastUnit === stream.firstUnit) this.shared.set(stream.firstUnit, false);
  }

  /** First unit of the region, and the one behind its last. */
  get range(): readonly [from: number, to: number] {
    return [this.streams[0]!.firstUnit, this.streams.at(-1)!.lastUnit + 1];
  }

  /** Makes writes until `made` of them are made; `enter` is told the units from..to-1 that they enter for the first time. */
  moveTo(made: number, enter: (from: number, to: number) => void): void {
    for (const [k, stream] of this.streams.entries()) {
      const done = this.turns(stream, k, this.made);
      const turns = this.turns(stream, k, made);
      if (turns === done) continue;
      const first = this.nextUnit(stream, done);
      const last = this.unitOf(stream.first + turns - 1);
      if (first > last) continue;
      const from = this.entered(first) ? first + 1 : first;
      const to = last > first && this.entered(last) ? last : last + 1;
      if (from < to) enter(from, to);
    }
    this.made = made;
  }

  /**
   * How many writes will have been made when one has entered a unit that counts; Infinity where none will.
   * `skip(unit)`: the unit itself where it counts, else a later one from which to go on looking.
   */
  madeAtNext(skip: (unit: number) => number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const [k, stream] of this.streams.entries()) {
      const done = this.turns(stream, k, this.made);
      if (done === stream.slots) continue;
      let unit = this.nextUnit(stream, done);
      for (;;) {
        if (unit > stream.lastUnit) break;
        const next = this.shared.get(unit) ? unit + 1 : skip(unit);
        if (next === unit) break;
        unit = next;
      }
      if (unit > stream.lastUnit) continue;
      const turn = Math.max(done, this.firstSlotOf(unit) - stream.first);
      least = Math.min(least, turn * this.streams.length + k + 1);
    }
    return least;
  }

  /** True of a shared unit that was entered before; from now on it was. */
  private entered(unit: number): boolean {
    const before = this.shared.get(unit);
    if (before === false) this.shared.set(unit, true);
    return before === true;
  }

  /** Writes that this stream has made of `made`, until it has come round. */
  private turns({ slots }: Stream, k: number, made: number): number {
    return Math.min(slots, turnsOf(made, k, this.streams.length));
  }

  /** The unit after those that the stream's first `done` writes have entered. */
  private nextUnit({ first, firstUnit }: Stream, done: number): number {
    return done === 0 ? firstUnit : this.unitOf(first + done - 1) + 1;
  }

  private unitOf(slot: number): number {
    const { region, unitBytes } = this.hits;
    return Math.floor((region.startBytes + slot * region.alignBytes) / unitBytes);
  }

  private firstSlotOf(unit: number): number {
    const { region, unitBytes } = this.hits;
    return Math.ceil((unit * unitBytes - region.startBytes) / region.alignBytes);
  }
}
