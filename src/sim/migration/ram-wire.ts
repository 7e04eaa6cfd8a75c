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
