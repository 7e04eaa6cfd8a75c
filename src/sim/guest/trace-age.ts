/**
 * The bits that a recorded guest set within the age of a bitmap: those of the writes that precede the replay's start
 * in the trace. A looping trace was replayed before as well; one that does not loop has no past beyond its beginning.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { TraceGuestSpec } from '../scenario.js';
import { setRange } from './bits.js';
import { writesOfDisk } from './trace-source.js';

/** Is a write at this time of the trace among those of the last `spanNs` (trace time) before the replay's start? */
function precedes(guest: TraceGuestSpec, timeNs: TimeNs, spanNs: number): boolean {
  const agoNs = guest.startNs - timeNs;
  if (agoNs > 0 && agoNs <= spanNs) return true;
  return guest.loop && guest.durationNs > 0 && agoNs <= 0 && agoNs + guest.durationNs <= spanNs;
}

/** What was filled before, by guest: every run of a point begins with the same bits. */
interface Aged {
  readonly key: string;
  readonly words: Uint32Array;
}
const agedOf = new WeakMap<TraceGuestSpec, Aged[]>();
const AGED_BYTES_MAX = 2 ** 28;

/** A recorded guest, one of its disks, and the bitmap of that disk. */
interface RecordedDisk {
  readonly guest: TraceGuestSpec;
  readonly diskIndex: number;
  readonly diskBytes: number;
  readonly granularityBytes: number;
}

/** Sets the bits of an empty array of `words` that the trace's writes to this disk set within `ageNs`. */
export function fillTraceAge(
  words: Uint32Array,
  { guest, diskIndex, diskBytes, granularityBytes }: RecordedDisk,
  ageNs: TimeNs,
): void {
  let known = agedOf.get(guest);
  if (known === undefined) agedOf.set(guest, (known = []));
  const key = [granularityBytes, diskIndex, diskBytes, ageNs].join('/');
  const before = known.find((aged) => aged.key === key);
  if (before) {
    words.set(before.words);
    return;
  }
  const spanNs = ageNs * guest.rate;
  for (const i of writesOfDisk(guest, diskIndex)) {
    if (!precedes(guest, guest.timesNs[i]!, spanNs)) continue;
    // As the replay itself places them (trace-source.ts).
    const offset = Math.floor(guest.offsetsBytes[i]! * guest.stretch) % diskBytes;
    const end = Math.min(offset + guest.lengthsBytes[i]!, diskBytes);
    setRange(words, Math.floor(offset / granularityBytes), Math.floor((end - 1) / granularityBytes) + 1);
  }
  const bytes = known.reduce((sum, aged) => sum + aged.words.byteLength, words.byteLength);
  if (bytes <= AGED_BYTES_MAX) known.push({ key, words: words.slice() });
}
