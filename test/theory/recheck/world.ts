/**
 * A guest, its bitmaps, the flusher of pre-flush and the device that they share, every request an event; nothing of src/.
 * Written from docs/model.md alone, so that what the model reports can be held against somebody else's reading of it.
 *
 *   request ──► bucket of operations, in order of asking ──► any channel, its latency ──► the bandwidth, its bytes
 */
import { chance, Loop, Shared } from './loop.js';

export interface World {
  readonly channels: number;
  /** Seconds of 4 KiB on a channel: constant, or lognormal with its median and 99th percentile. */
  readonly latencyS: number | { readonly p50: number; readonly p99: number };
  /** Bytes a second of all writes together, beyond 4 KiB each; none: no limit. */
  readonly bytesPerS?: number;
  /** Operations a second with their burst; none: no limit. */
  readonly operations?: { readonly perS: number; readonly burst: number };
  readonly guest: { readonly perS: number; readonly bytes: number };
  /** Chunks of one bitmap, alike bitmaps, and the share of the guest's writes that set a bit in them. 0 chunks: no flusher. */
  readonly chunks: number;
  readonly alike?: number;
  readonly touching: number;
  /** The model sets a bit when the write is asked for; QEMU when it has ended, in the drain of the halt too. */
  readonly bitsSet: 'asked' | 'ended';
  readonly chunkBytes: number;
  /** When the guest halts: at a time, or at the first look at which this rule lets it. */
  readonly halts:
    | number
    | { readonly everyS: number; readonly when: (stale: number, writing: boolean) => boolean };
}

export interface Seen {
  /** Mean seconds of the guest's writes that ended before the halt, and how many a second did. */
  readonly guestS: number;
  readonly guestPerS: number;
  /** Share of the time with a chunk being written, chunks written a second, and how many were left at the halt. */
  readonly busy: number;
  readonly flushedPerS: number;
  readonly stale: number;
  /** From the halt until the write in flight has ended. */
  readonly inFlightS: number;
  readonly haltS: number;
}

const PAGE_BYTES = 4096;
const Z99 = 2.326348;

/** Draws of a latency. */
export function drawer(latency: World['latencyS'], random: () => number): () => number {
  if (typeof latency === 'number') return () => latency;
  const sigma = Math.log(latency.p99 / latency.p50) / Z99;
  return () =>
    latency.p50 * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

export function simulate(world: World, seed: number): Seen {
  const { guest, chunks, alike = 1, bytesPerS = Number.POSITIVE_INFINITY } = world;
  const loop = new Loop();
  const random = chance(seed);
  const latency = drawer(world.latencyS, random);
  const channels = Array.from({ length: world.channels }, () => new Shared(loop));
  const pipe = new Shared(loop);
  /** When the bucket would be full again, were nobody to come. */
  let fullAt = 0;
  const request = (bytes: number, done: () => void): void => {
    const { perS, burst } = world.operations ?? { perS: Number.POSITIVE_INFINITY, burst: 1 };
    fullAt = Math.max(fullAt, loop.now) + 1 / perS;
    loop.in(Math.max(0, fullAt - loop.now - burst / perS), () =>
      channels[Math.floor(random() * channels.length)]!.serve(latency(), () =>
        bytes > PAGE_BYTES ? pipe.serve((bytes - PAGE_BYTES) / bytesPerS, done) : done(),
      ),
    );
  };

  /** Chunks of all bitmaps, one after another for each chunk, and those to be written in order of becoming stale. */
  const isStale = new Uint8Array(chunks * alike).fill(1);
  const queue = Array.from(isStale, (_, chunk) => chunk);
  let [head, writing, halted, haltS] = [0, false, false, 0];
  let [busyS, busySince, flushed, inFlightS] = [0, 0, 0, 0];
  const left = (): number => queue.length - head;
  const flush = (): void => {
    if (writing || halted || left() === 0) return;
    isStale[queue[head++]!] = 0;
    writing = true;
    busySince = loop.now;
    request(world.chunkBytes, () => {
      writing = false;
      busyS += (halted ? haltS : loop.now) - busySince;
      if (halted) inFlightS = loop.now - haltS;
      else flushed++;
      flush();
    });
  };

  let [guestS, guestDone, guestInFlight] = [0, 0, 0];
  const touch = (when: World['bitsSet']): void => {
    if (when !== world.bitsSet || random() >= world.touching) return;
    const first = Math.floor(random() * chunks) * alike;
    for (let chunk = first; chunk < first + alike; chunk++) {
      if (isStale[chunk] === 0) queue.push(chunk);
      isStale[chunk] = 1;
    }
    flush();
  };
  const write = (): void => {
    if (halted) return;
    const since = loop.now;
    guestInFlight++;
    touch('asked');
    request(guest.bytes, () => {
      guestInFlight--;
      touch('ended');
      if (halted) return;
      guestS += loop.now - since;
      guestDone++;
    });
    loop.in(-Math.log(1 - random()) / guest.perS, write);
  };

  const halt = (): void => {
    halted = true;
    haltS = loop.now;
  };
  const { halts } = world;
  const look = (rule: Exclude<World['halts'], number>): void => {
    if (rule.when(left(), writing)) halt();
    else loop.in(rule.everyS, () => look(rule));
  };
  flush();
  if (guest.perS > 0) loop.in(-Math.log(1 - random()) / guest.perS, write);
  if (typeof halts === 'number') loop.in(halts, halt);
  else loop.in(halts.everyS, () => look(halts));
  loop.run(() => halted && !writing && guestInFlight === 0);
  return {
    guestS: guestS / guestDone,
    guestPerS: guestDone / haltS,
    busy: busyS / haltS,
    flushedPerS: flushed / haltS,
    stale: left(),
    inFlightS,
    haltS,
  };
}
