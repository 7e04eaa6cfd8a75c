/** The calibration columns of a measured row as a storage of the model; nothing else of the row is looked at. */
import type { LatencySpec, OpCost, StorageSpec } from '../../sim/scenario.js';
import { NO_SPELLS } from '../../sim/storage/spells.js';
import type { MeasuredRow } from './rows.js';

export const LARGE_BYTES = 65_536;
export const SMALL_BYTES = 4_096;
const HUGE_BYTES = 2 ** 20;
const NS_PER_US = 1_000;

/** A latency that is the same every time, from microseconds. */
const constant = (us: number): LatencySpec => ({ kind: 'constant', ns: us * NS_PER_US });

/** An op that takes so many microseconds for `referenceBytes`, and more for more bytes. */
export const carrying = (us: number, referenceBytes: number, bytesPerS: number): OpCost => ({
  latency: constant(us),
  referenceBytes,
  bytesPerS,
});

/** An op whose time does not depend on its size, from microseconds. */
export const timeOnly = (us: number): OpCost => carrying(us, 0, Number.POSITIVE_INFINITY);

/** Nothing but the ops: one channel, no neighbours, no limits, no spells. */
export const PLAIN = {
  flushNsPerByte: 0,
  channels: 1,
  otherLoad: 0,
  opsPerS: Number.POSITIVE_INFINITY,
  burstOps: 0,
  hostCache: 'none',
  idleFlushes: 'sent',
  includesHost: false,
  ...NO_SPELLS,
} as const;

/** Calibrated times vary by about 10 us (a wake-up); a slope is taken only from a difference well above that. */
const CLEAR_DIFFERENCE_US = 100;

/** How `stream_mb_per_s` was measured: so many requests in flight, of so many bytes. */
const STREAM = { requests: 16, bytes: 262_144 } as const;

/**
 * What the bytes of a streamed request take, in microseconds. A request takes the device's latency and x for its
 * bytes; latencies of requests in flight overlap and the x of them do not, so that 16 requests take the larger of
 * 16 x and latency + x. On a device of 5 ms the second is larger: it streams no faster than 16 requests in 5 ms,
 * whatever its bandwidth.
 */
function streamedTransferUs(row: MeasuredRow): number {
  const streaming = row.optional('stream_mb_per_s');
  if (streaming === undefined) return 0;
  const eachUs = STREAM.bytes / streaming;
  return Math.max(0, Math.min(eachUs, STREAM.requests * eachUs - row.number('write_4k_us')));
}

/** Copying a request to the server costs at most so much a byte (1.6 GB/s): what a lone request has beyond a streamed one. */
const COPY_US_PER_BYTE = 0.6e-3;

/**
 * Bytes per second of one request larger than 64 KiB. One at a time, a request is first copied to the server and
 * then written, which streaming overlaps: the slope between 4 and 64 KiB has both, and is taken where the device
 * makes it clear. On a device without a bandwidth limit it is mostly noise, and streaming measures the same copy. The
 * slope is a small difference of two latencies, so streaming bounds it: what a streamed request takes for its bytes is
 * the least that a lone one does, and the copy is all that it may take more; where latency bound the streaming, it is
 * the most.
 */
function singleRequestRate(row: MeasuredRow): number {
  const streamedUs = streamedTransferUs(row);
  const streaming = (STREAM.bytes / streamedUs) * 1e6;
  const differenceUs = row.number('write_64k_us') - row.number('write_4k_us');
  const bytes = LARGE_BYTES - SMALL_BYTES;
  const boundUs = (streamedUs * bytes) / STREAM.bytes;
  if (latencyBound(row))
    return (bytes / Math.min(boundUs, Math.max(differenceUs, COPY_US_PER_BYTE * bytes))) * 1e6;
  if (differenceUs < CLEAR_DIFFERENCE_US) return streaming;
  return (bytes / Math.min(Math.max(differenceUs, boundUs), boundUs + COPY_US_PER_BYTE * bytes)) * 1e6;
}

/** Did the requests in flight wait for the device's latency rather than for its bandwidth? */
function latencyBound(row: MeasuredRow): boolean {
  const streaming = row.optional('stream_mb_per_s');
  if (streaming === undefined) return false;
  const eachUs = STREAM.bytes / streaming;
  return (STREAM.requests - 1) * eachUs < row.number('write_4k_us');
}

/** The same from one request of 1 MiB beside one of 64 KiB, where both were calibrated. */
function largeRequestRate(row: MeasuredRow, op: 'write' | 'read'): number | undefined {
  const hugeUs = row.optional(`${op}_1m_us`);
  if (hugeUs === undefined) return undefined;
  const differenceUs = hugeUs - row.number(`${op}_64k_us`);
  return differenceUs > 0 ? ((HUGE_BYTES - LARGE_BYTES) / differenceUs) * 1e6 : Number.POSITIVE_INFINITY;
}

/** Queue depth 1 times of 4 and 64 KiB, and how more bytes add to them. */
export function calibratedVolume(row: MeasuredRow): StorageSpec {
  const carries = (op: 'write' | 'read', us: number, referenceBytes: number): OpCost =>
    carrying(us, referenceBytes, largeRequestRate(row, op) ?? singleRequestRate(row));
  return {
    name: 'calibrated volume',
    ops: {
      write: carries('write', row.number('write_64k_us'), LARGE_BYTES),
      smallWrite: carries('write', row.number('write_4k_us'), SMALL_BYTES),
      read: carries('read', row.number('read_64k_us'), LARGE_BYTES),
      // A trim that was not measured is a small request, too.
      punch: timeOnly(row.optional('trim_64k_us') ?? row.number('write_4k_us')),
      flush: timeOnly(row.number('flush_us')),
    },
    ...PLAIN,
  };
}
