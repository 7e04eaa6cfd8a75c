/**
 * How fast a mirror copies: up to 16 requests in flight, each read here, sent, and written there. The slowest of what they
 * pass through decides: the requests in flight themselves, the channels and the bandwidth of either storage, the link,
 * QEMU's processor. (block/mirror.c: MAX_IN_FLIGHT, MAX_IO_BYTES)
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { HostSpec, LinkSpec, OpClass, StorageSpec } from '../scenario.js';
import { costsOn } from '../storage/costs.js';

const IN_FLIGHT = 16;
/** The longest request of a mirror: neighbouring chunks go together up to it. */
export const LONGEST_BYTES = 2 ** 20;

/** What copies pass through. `jobs`: mirrors that share source, target and link at that time. */
export interface CopyPath {
  readonly source: StorageSpec;
  readonly target: StorageSpec;
  readonly link: LinkSpec;
  readonly host: HostSpec;
  /** The mirror's own limit. */
  readonly bytesPerS: number;
  readonly jobs: number;
}

export interface CopyPace {
  /** One request, alone. */
  readonly oneNs: TimeNs;
  /** From one to the next with as many in flight as there can be. */
  readonly nextNs: TimeNs;
  /** The least from one to the next, however few are in flight: what they pass through one at a time, and the mirror's limit. */
  readonly leastNs: TimeNs;
}

/** The time of one request on a storage, and from one to the next when all its channels are busy. */
function stage(storage: StorageSpec, op: OpClass, bytes: number): Omit<CopyPace, 'leastNs'> {
  const { latency, fixedNs, transferNs } = costsOn(storage).of(op, bytes);
  const left = 1 - storage.otherLoad;
  const oneNs = Math.max(0, latency.meanNs + fixedNs) / left;
  const limitNs = 1e9 / storage.opsPerS;
  return { oneNs, nextNs: Math.max(oneNs / storage.channels, transferNs / left, limitNs) };
}

/** One request of a storage that nobody else of ours asks. */
export const aloneNs = (storage: StorageSpec, op: OpClass, bytes: number): TimeNs =>
  stage(storage, op, bytes).oneNs;

/** Requests of so many bytes. */
export function copyPace({ source, target, link, host, bytesPerS, jobs }: CopyPath, bytes: number): CopyPace {
  const read = stage(source, 'read', bytes);
  const write = stage(target, 'write', bytes);
  const wireNs = (bytes / link.bytesPerS) * 1e9;
  const leastNs = Math.max(jobs * wireNs, jobs * host.perMirroredNs, (bytes / bytesPerS) * 1e9);
  const oneNs = read.oneNs + wireNs + link.roundTripNs + write.oneNs + host.perMirrorHopNs;
  const shared = jobs * Math.max(read.nextNs, write.nextNs);
  return { oneNs, nextNs: Math.max(oneNs / IN_FLIGHT, shared, leastNs), leastNs };
}

/** So many requests, the first to the last, where they come one after another. */
export function copyNs({ oneNs, nextNs, leastNs }: CopyPace, requests: number): TimeNs {
  if (requests <= 0) return 0;
  return oneNs + Math.max(0, (requests - IN_FLIGHT) * nextNs, (requests - 1) * leastNs);
}

/** The same where all of them wait at one moment: as many as can be in flight begin together, and end together, as the next do. */
export function burstNs(pace: CopyPace, requests: number): TimeNs {
  return Math.max(wavesOf(requests) * pace.oneNs, copyNs(pace, requests));
}

/** How often as many as can be in flight at once begin. */
export const wavesOf = (requests: number): number => Math.ceil(requests / IN_FLIGHT);
