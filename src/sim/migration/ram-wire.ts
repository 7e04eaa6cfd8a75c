/** Pages of RAM: how fast they are dirtied, and what they are on the wire. */
import type { TimeNs } from '../../kernel/kernel.js';
import type { HostSpec, RamSpec } from '../scenario.js';

export const PAGE_BYTES = 4096;
/** A page on the wire: its bytes and an 8-byte header; a zero page is the header and one byte (ram.c, save_zero_page). */
export const PAGE_WIRE_BYTES = PAGE_BYTES + 8;
const ZERO_PAGE_WIRE_BYTES = 9;

/** How fast a mix of pages is sent: page bytes per second, and the bytes that puts on the wire. */
export interface Flow {
  readonly pageBytesPerS: number;
  readonly wirePerPageByte: number;
}

/** The flow of pages of which this share is not all zero, at this rate of the wire. */
export function flow(usedShare: number, rate: number, host: HostSpec): Flow {
  const wire = usedShare * PAGE_WIRE_BYTES + (1 - usedShare) * ZERO_PAGE_WIRE_BYTES;
  const cpuNs = usedShare * host.perPageNs + (1 - usedShare) * host.perZeroPageNs;
  const secondsPerPage = Math.max(wire / rate, cpuNs / 1e9);
  return { pageBytesPerS: PAGE_BYTES / secondsPerPage, wirePerPageByte: wire / PAGE_BYTES };
}

/** The bytes that it puts on the wire. */
export const wireBytesPerS = ({ pageBytesPerS, wirePerPageByte }: Flow): number =>
  pageBytesPerS * wirePerPageByte;

/** Distinct bytes of the working set dirtied in `ns`: it saturates at the working set. */
export function dirtiedBytes(ram: RamSpec, ns: TimeNs): number {
  if (ram.workingSetBytes === 0 || ram.dirtyBytesPerS === 0) return 0;
  const share = -Math.expm1((-ram.dirtyBytesPerS * (ns / 1e9)) / ram.workingSetBytes);
  return ram.workingSetBytes * share;
}

/** Enough for a round to settle, or to be found too long. */
const SETTLING_ROUNDS = 50;

/** The longer a round, the more is dirtied in it, which makes it longer: where that settles, or the longest there is. */
export function settledRoundNs(
  ram: RamSpec,
  pageBytesPerS: number,
  emptyNs: TimeNs,
  longestNs: TimeNs,
): TimeNs {
  let roundNs = emptyNs;
  for (let i = 0; i < SETTLING_ROUNDS && roundNs < longestNs; i++) {
    const beforeNs = roundNs;
    roundNs = emptyNs + (dirtiedBytes(ram, beforeNs) / pageBytesPerS) * 1e9;
    if (roundNs === beforeNs) break;
  }
  return Math.min(roundNs, longestNs);
}

/** multifd: each channel is sent by a thread of its own; zero pages stay with the main one. */
export function overChannels(host: HostSpec, channels = 1): HostSpec {
  return channels === 1 ? host : { ...host, perPageNs: host.perPageNs / channels };
}
