/**
 * Migrations to a real destination: handover.csv. The figure is the blackout, source STOP to destination RESUME;
 * the source's own downtime is reported beside it.
 */
import { bitmapGeometry, expectedDirtyClusters } from '../../sim/qcow2/geometry.js';
import { countOps } from '../../sim/qcow2/op-counts.js';
import { PIECE_BITS, streamed, streamNs } from '../../sim/qcow2/stream.js';
import type { HostSpec, LinkSpec } from '../../sim/scenario.js';
import { SPREAD } from '../../sim/stop/interval.js';
import { countMismatches } from './counts.js';
import { type Judged, judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { timeReport } from './report.js';
import type { MeasuredRow } from './rows.js';
import { stopTime } from './stop-time.js';
import { clusterOf, disksOf, StoreHistory } from './storehistory.js';

/** What the destination reads of any image: header, L1, refcount table, two extension heads. */
const IDLE_READS = 5;
const WORD_BITS = 64;
/** Loopback TCP: the last part waits for a delayed ACK (Linux TCP_ATO_MIN). */
const TCP_DELAY_NS = 40e6;
/** The lab's rate-limited wire catches up to 5 ms of lateness (its own rule), and the stop begins with a pause. */
const WIRE_CREDIT_NS = 5e6;
/**
 * Its rate was measured as the time of 4 MB through a new connection, and making that takes 0.7 ms: wires set to 125
 * and to 30 MB/s were measured as 122.1 and 29.85.
 */
const WIRE_CALIBRATION = { bytes: 4e6, setUpNs: 0.7e6 } as const;
/**
 * That wire is a relay, a third busy process on two cores: whoever is bound by the processor gets two thirds of one.
 * A bound rather than a measurement; repeats of such runs (tiny pieces through the relay) differ by 40 %.
 */
const RELAY_CONTENTION = 3 / 2;
/**
 * The sender's part of a piece; the host's figures are for sender and receiver together. Read off the source's side
 * of these very rows: 4.1 ms for 8,174 pieces with bits, 33 ms for 32,645 without.
 */
const SENDER = { perStreamPieceNs: 500, perZeroPieceNs: 1_000 } as const;
/**
 * A bitmap that was loaded or received is counted anew, word by word, and only words with a set bit cost time
 * (hbitmap_deserialize_finish): 7 ms for a million words, the difference of a full and a scattered bitmap of 8 MiB.
 */
const RECOUNT_NS_PER_WORD = 7;
/**
 * After the last piece the destination passes over every word of the bitmap to build its upper levels
 * (hbitmap_deserialize_finish), full or empty: 4.6 ms for the 32 MiB of three nearly empty ones of these rows.
 */
const FINISH_NS_PER_MIB = 145_000;
/** The stream's CPU and the wire's rate follow the load of the machine: 95 % within 15 %. */
const STREAM_SPREAD = 0.075;
/** Two QEMUs and the storage on two cores: source and destination wait for one another by a few percent. */
const SHARED_CORES = 0.02;

interface Handover {
  readonly sourceMs: number;
  readonly blackoutMs: number;
  readonly sourceSdMs: number;
  readonly blackoutSdMs: number;
  readonly destination: Record<string, number>;
}

export const handoverKind: ValidationKind = {
  name: 'handover',
  columns: ['measured_blackout_ms', 'mode'],
  validate({ rows }, options) {
    let mismatches = 0;
    const blackouts: Judged[] = [];
    const sources: Judged[] = [];
    for (const row of rows) {
      const predicted =
        row.text('mode') === 'store' ? handoverOfStore(row, options.lab) : handoverOfStream(row, options.lab);
      if (countMismatches(row, predicted.destination) > 0) mismatches++;
      const same = { config: row.name('config'), phase: row.text('mode') };
      blackouts.push({
        ...same,
        measuredMs: row.number('measured_blackout_ms'),
        predictedMs: predicted.blackoutMs,
        sdMs: predicted.blackoutSdMs,
      });
      sources.push({
        ...same,
        measuredMs: row.number('measured_source_ms'),
        predictedMs: predicted.sourceMs,
        sdMs: predicted.sourceSdMs,
      });
    }
    return timeReport(judge(blackouts, options), options.minMs, mismatches, {
      source: judge(sources, options),
    });
  },
};

/** Stored by the source, loaded by the destination before it resumes. */
function handoverOfStore(row: MeasuredRow, lab: HostSpec): Handover {
  const history = new StoreHistory(row);
  const store = stopTime(row, history.stopOf(row).work, lab);
  const work = history.load();
  const load = stopTime(row, work, lab);
  const recountMs = (RECOUNT_NS_PER_WORD * bitmapsOf(row) * nonZeroUnits(row, WORD_BITS)) / 1e6;
  const blackoutMs = store.ms + load.ms + recountMs;
  const { reads, writes, flushes } = countOps(work.ops, disksOf(row));
  return {
    sourceMs: store.ms,
    sourceSdMs: Math.hypot(store.sdMs, SHARED_CORES * store.ms),
    blackoutMs,
    blackoutSdMs: Math.hypot(store.sdMs, load.sdMs, SHARED_CORES * blackoutMs),
    destination: {
      destination_reads: disksOf(row) * IDLE_READS + reads,
      destination_writes: writes,
      destination_flushes: flushes,
    },
  };
}

/** Sent in the stop, or after the resume (postcopy). */
function handoverOfStream(row: MeasuredRow, lab: HostSpec): Handover {
  const count = bitmapsOf(row);
  const bits = bitsOf(row);
  const postcopy = row.optional('postcopy') === 1;
  const megabytes = row.optional('net_mb_per_s');
  const link: LinkSpec = {
    name: row.text('transport'),
    bytesPerS: megabytes === undefined ? Number.POSITIVE_INFINITY : wireRate(megabytes * 1e6),
    roundTripNs: 0,
    stopDelayNs: row.text('transport') === 'tcp' && !postcopy ? TCP_DELAY_NS : 0,
  };
  const stream = streamed(bits, nonZeroUnits(row, PIECE_BITS), count);
  const relayed = megabytes !== undefined;
  const unlimited = { ...link, bytesPerS: Number.POSITIVE_INFINITY };
  const sender = { ...lab, ...SENDER };
  const processorNs = streamNs(stream, sender, unlimited) * (relayed ? RELAY_CONTENTION : 1);
  const wireNs = streamNs(stream, sender, link) - (relayed ? WIRE_CREDIT_NS : 0);
  const sendMs = Math.max(processorNs, wireNs) / 1e6;
  const finishNs = (FINISH_NS_PER_MIB * count * bits) / 8 / 2 ** 20;
  const recountNs = RECOUNT_NS_PER_WORD * count * nonZeroUnits(row, WORD_BITS);
  const receiveMs = (recountNs + finishNs) / 1e6;
  const sdMs = Math.hypot(SPREAD.stopMs, STREAM_SPREAD * sendMs);
  return {
    sourceMs: sendMs,
    sourceSdMs: sdMs,
    blackoutMs: postcopy ? lab.postcopyNs / 1e6 : sendMs + receiveMs,
    blackoutSdMs: postcopy ? 2 : sdMs,
    destination: {
      destination_reads: disksOf(row) * IDLE_READS,
      destination_writes: 0,
      destination_flushes: 0,
    },
  };
}

/** The rate of the lab's wire behind its measured one, bytes per second. */
function wireRate(measured: number): number {
  const { bytes, setUpNs } = WIRE_CALIBRATION;
  return bytes / (bytes / measured - setUpNs / 1e9);
}

/** Bitmaps of all disks. */
const bitmapsOf = (row: MeasuredRow): number => disksOf(row) * row.number('bitmaps');

/** Bits of the row's disk at its granularity. */
function bitsOf(row: MeasuredRow): number {
  return bitmapGeometry(row.number('disk_bytes'), row.number('granularity_bytes'), clusterOf(row)).bits;
}

/**
 * Units of so many bits that hold a set one: the bits are scattered over the clusters that hold any, which is exact
 * for uniform and for full bitmaps and leaves the last cluster of a sequential one too full.
 */
function nonZeroUnits(row: MeasuredRow, unitBits: number): number {
  const inDirty = Math.ceil((row.number('dirty_clusters') * clusterOf(row) * 8) / unitBits);
  const units = Math.min(Math.ceil(bitsOf(row) / unitBits), inDirty);
  return expectedDirtyClusters(units, row.number('set_bits'));
}
