/** The calibration columns of a measured row as a storage of the model; nothing else of the row is looked at. */
import type { LatencySpec, OpCost, StorageSpec } from '../../sim/scenario.js';
import { NO_SPELLS } from '../../sim/storage/spells.js';
import type { StoreOp } from '../../sim/types.js';
import type { MeasuredRow } from './rows.js';

export const LARGE_BYTES = 65_536;
export const SMALL_BYTES = 4_096;
export const HUGE_BYTES = 2 ** 20;
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

/**
 * What a lone request larger than 64 KiB has beyond a streamed one: its bytes are copied to the server before the device
 * gets them, which streaming overlaps. 0.36 ns a byte (2.8 GB/s) is the median of the lab's stores with clusters of 256 KiB
 * to 2 MiB, which say 0.27 to 0.45. Within 64 KiB it is part of the calibrated time.
 */
const COPY_US_PER_BYTE = 0.36e-3;
/** A device of more than half the speed of that copy was never waited for: what streaming then measures is the copy. */
const COPY_BOUND_US_PER_BYTE = 2 * COPY_US_PER_BYTE;

const COPY_SPREAD_US_PER_BYTE = 0.1e-3;
/** Calibrated times vary by about so much (a wake-up); a difference of two must be well above that to tell a slope. */
const WAKE_UP_US = 10;
const CLEAR_DIFFERENCE_US = 100;

/**
 * Bytes per second of one request larger than 64 KiB. The slope between 4 and 64 KiB would say it, but is a small
 * difference of two latencies, each uncertain by a wake-up: a device of 300 MB/s was calibrated at 313 and its clusters
 * of 1 MiB took 13 % longer. Streaming is measured over many requests. Where latency bound the streaming the slope
 * decides, and the streamed time is the most it may say.
 */
function singleRequestRate(row: MeasuredRow): number {
  const differenceUs = row.number('write_64k_us') - row.number('write_4k_us');
  const slope = differenceUs / (LARGE_BYTES - SMALL_BYTES);
  if (row.optional('stream_mb_per_s') === undefined)
    return differenceUs > CLEAR_DIFFERENCE_US ? 1e6 / slope : Number.POSITIVE_INFINITY;
  const streamed = streamedTransferUs(row) / STREAM.bytes;
  if (latencyBound(row)) return 1e6 / Math.min(streamed, Math.max(slope, COPY_US_PER_BYTE));
  return 1e6 / (streamed + (streamed > COPY_BOUND_US_PER_BYTE ? COPY_US_PER_BYTE : 0));
}

/** Did the requests in flight wait for the device's latency rather than for its bandwidth? */
function latencyBound(row: MeasuredRow): boolean {
  const streaming = row.optional('stream_mb_per_s');
  if (streaming === undefined) return false;
  const eachUs = STREAM.bytes / streaming;
  return (STREAM.requests - 1) * eachUs < row.number('write_4k_us');
}

/**
 * How far the time of bytes beyond 64 KiB may be off: that copy by 0.1 ns a byte, a slope by the wake-ups of both latencies.
 * Standard deviation in milliseconds of requests with so many of them.
 */
export function largeBytesSdMs(row: MeasuredRow, ops: readonly StoreOp[]): number {
  if (row.optional('write_1m_us') !== undefined) return 0;
  const bytes = ops.reduce((sum, op) => sum + op.count * Math.max(0, op.bytes - LARGE_BYTES), 0);
  const slopeUsPerByte = (Math.SQRT2 * WAKE_UP_US) / (LARGE_BYTES - SMALL_BYTES);
  return (bytes * (latencyBound(row) ? slopeUsPerByte : COPY_SPREAD_US_PER_BYTE)) / 1e3;
}

/** The rate from one request of 1 MiB beside one of 64 KiB, where both were calibrated. */
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
