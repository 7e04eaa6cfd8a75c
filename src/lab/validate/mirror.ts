/**
 * Migrations of a mirrored disk (`measure --mirror`). The figure is the blackout, source STOP to destination RESUME; how long
 * the mirror took of it is reported beside it. What was left to copy is known: the mirror rested while it was written. How
 * long management took to answer QEMU is what it took.
 */
import { median, variance } from 'simple-statistics';
import { burstNs, type CopyPath, copyPace, wavesOf } from '../../sim/mirror/copy.js';
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import { PIECE_BITS, receiveNs, type StreamedBitmaps, sendNs, streamed } from '../../sim/qcow2/stream.js';
import type { HostSpec, StorageSpec } from '../../sim/scenario.js';
import { SPREAD } from '../../sim/stop/interval.js';
import { DiskStops } from '../../sim/stop/requests.js';
import { carrying, PLAIN, timeOnly } from './calibrated-volume.js';
import { type Judged, judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { SHARED_CORES, SOCKET } from './one-machine.js';
import { timeReport } from './report.js';
import { qemuOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';

const WORD_BITS = 64;
/** Bits of less are so many that their stream is long beside all else. */
const FINE_BYTES = 1024;
/** Volumes without a delay. */
const IDLE_VOLUMES_NS = 3e6;
/** When the mirror is in step, and when it lets its copy go. */
const MIRROR_FLUSHES = 2;

interface Predicted {
  readonly mirrorMs: number;
  readonly blackoutMs: number;
}

const isForHost = (row: MeasuredRow): boolean => row.optional('for_host') === 1;

export const mirrorKind: ValidationKind = {
  name: 'mirror',
  columns: ['copy_mode', 'dirty_chunks', 'measured_blackout_ms'],
  validate({ rows }, options) {
    const given = options.host === 'auto' ? options.prior : options.host;
    const forHost = rows.filter(isForHost);
    const host = hostFrom(forHost, given);
    const share = Math.max(SHARED_CORES, scatterOf(forHost));
    const judged = rows.filter((row) => !isForHost(row));
    const blackouts: Judged[] = [];
    const mirrors: Judged[] = [];
    for (const row of judged) {
      const { mirrorMs, blackoutMs } = row.inIt(() => predict(row, host));
      const judgedOf = (column: string, predictedMs: number): Judged => ({
        config: row.name('config'),
        phase: '',
        measuredMs: row.number(column),
        predictedMs,
        sdMs: Math.hypot(SPREAD.stopMs, share * predictedMs),
      });
      blackouts.push(judgedOf('measured_blackout_ms', blackoutMs));
      mirrors.push(judgedOf('measured_mirror_ms', mirrorMs));
    }
    const differs = (row: MeasuredRow): boolean => row.number('copied_chunks') !== row.number('dirty_chunks');
    return timeReport(judge(blackouts, options), options.minMs, judged.filter(differs).length, {
      source: judge(mirrors, options),
    });
  },
};

/** By what share the repeats of one stop differ from one another on that machine, all configurations together; 0 without repeats. */
function scatterOf(rows: readonly MeasuredRow[]): number {
  const repeats = [...groupBy(rows, (row) => row.name('config')).values()]
    .map((same) => same.map((row) => Math.log(row.number('measured_blackout_ms'))))
    .filter(({ length }) => length > 1);
  const squares = repeats.reduce((total, logs) => total + logs.length * variance(logs), 0);
  const degrees = repeats.reduce((total, { length }) => total + length - 1, 0);
  return degrees === 0 ? 0 : Math.sqrt(squares / degrees);
}

/** The rows for it say what mirrors and streams cost on that machine at that hour; without any it is the host that is given. */
function hostFrom(rows: readonly MeasuredRow[], host: HostSpec): HostSpec {
  const figure = (
    which: (row: MeasuredRow) => boolean,
    ns: (row: MeasuredRow) => number,
  ): number | undefined => {
    const found = rows.filter(which).map(ns);
    return found.length > 0 ? median(found) : undefined;
  };
  const isIdle = (row: MeasuredRow): boolean => volumeNs(row) < IDLE_VOLUMES_NS;
  const chunks = (row: MeasuredRow): number => row.number('dirty_chunks');
  const blackoutNs = (row: MeasuredRow): number => row.number('measured_blackout_ms') * 1e6;
  const mirrorNs = (row: MeasuredRow): number => row.number('measured_mirror_ms') * 1e6;
  // A stop with nothing in it: what it takes more than its parts, until the mirror has ended and after it.
  const isEmpty = (row: MeasuredRow): boolean =>
    chunks(row) === 0 && row.number('granularity_bytes') > FINE_BYTES;
  const beforeNs = figure(isEmpty, (row) => mirrorNs(row) - fixedOf(row, host).mirrorNs) ?? 0;
  const bothNs = figure(isEmpty, (row) => blackoutNs(row) - predict(row, host).blackoutMs * 1e6) ?? 0;
  const bare = {
    ...host,
    stopNs: Math.max(0, host.stopNs + beforeNs),
    startNs: Math.max(0, host.startNs + bothNs - beforeNs),
  };
  const copyingNs = (row: MeasuredRow): number => mirrorNs(row) - fixedOf(row, bare).mirrorNs;
  const perMirroredNs =
    figure(
      (row) => chunks(row) > 0 && isIdle(row),
      (row) => copyingNs(row) / chunks(row),
    ) ?? host.perMirroredNs;
  const perMirrorHopNs =
    figure(
      (row) => chunks(row) > 0 && !isIdle(row),
      (row) => copyingNs(row) / wavesOf(chunks(row)) - volumeNs(row),
    ) ?? host.perMirrorHopNs;
  const perStreamPieceNs =
    figure(
      (row) => row.number('granularity_bytes') <= FINE_BYTES,
      (row) =>
        bare.perStreamPieceNs +
        (blackoutNs(row) - predict(row, bare).blackoutMs * 1e6) / streamOf(row).nonZeroPieces,
    ) ?? host.perStreamPieceNs;
  return {
    ...bare,
    perMirroredNs: Math.max(0, perMirroredNs),
    perMirrorHopNs: Math.max(0, perMirrorHopNs),
    perStreamPieceNs: Math.max(0, perStreamPieceNs),
  };
}

/** A read of a chunk on the source and its write on the copy, each alone. */
const volumeNs = (row: MeasuredRow): number =>
  (row.number('source_read_64k_us') + row.number('target_write_64k_us')) * 1e3;

const bitsOf = (row: MeasuredRow): number =>
  bitmapBits(row.number('disk_bytes'), row.number('granularity_bytes'));

/** Full bitmaps. */
function streamOf(row: MeasuredRow): StreamedBitmaps {
  const bits = bitsOf(row);
  return streamed(bits, Math.ceil(bits / PIECE_BITS), row.number('bitmaps'));
}

/** What does not depend on the chunks: until the mirror ends, and after it without the stream. */
function fixedOf(
  row: MeasuredRow,
  host: HostSpec,
): { readonly mirrorNs: number; readonly inactivateNs: number } {
  const flushNs = row.number('source_flush_us') * 1e3;
  const { stopped, inactivated } = flushesOf(row, volume(row, 'source'));
  return {
    mirrorNs:
      host.stopNs +
      stopped * flushNs +
      row.number('end_answered_ms') * 1e6 +
      MIRROR_FLUSHES * row.number('target_flush_us') * 1e3,
    inactivateNs: inactivated * flushNs,
  };
}

function predict(row: MeasuredRow, host: HostSpec): Predicted {
  const [source, target] = [volume(row, 'source'), volume(row, 'target')];
  const path: CopyPath = { source, target, link: SOCKET, host, bytesPerS: Number.POSITIVE_INFINITY, jobs: 1 };
  const { mirrorNs: fixedNs, inactivateNs } = fixedOf(row, host);
  // The mirror rested until it was told to end, where it had something to copy.
  const mirrorNs = fixedNs + burstNs(copyPace(path, row.number('chunk_bytes')), row.number('dirty_chunks'));
  const stream = streamOf(row);
  const receivedNs = receiveNs(stream, (row.number('bitmaps') * bitsOf(row)) / WORD_BITS, host);
  const restNs =
    (row.number('go_on_answered_ms') + row.number('run_answered_ms')) * 1e6 +
    sendNs(stream, host, SOCKET) +
    Math.max(receivedNs, host.deviceStateNs + inactivateNs) +
    host.startNs;
  return { mirrorMs: mirrorNs / 1e6, blackoutMs: (mirrorNs + restNs) / 1e6 };
}

/** The flushes of a stop that stores nothing: of vm_stop, and of the inactivation. */
function flushesOf(row: MeasuredRow, storage: StorageSpec): { stopped: number; inactivated: number } {
  const qemu = qemuOf(row);
  const image = new DiskStops({
    sizeBytes: row.number('disk_bytes'),
    clusterBytes: row.number('chunk_bytes'),
    allocatedBytes: row.number('data_bytes'),
    discard: true,
    idleFlushes: storage.idleFlushes,
    stopFlushes: qemu.stopFlushes,
  });
  const all = image.source([]).ops.reduce((sum, { op, count }) => sum + (op === 'flush' ? count : 0), 0);
  return { stopped: qemu.stopFlushes, inactivated: all - qemu.stopFlushes };
}

/** As an independent client at queue depth 1 found the volume just before; it serves as many requests at once as come. */
function volume(row: MeasuredRow, side: 'source' | 'target'): StorageSpec {
  const us = row.number(side === 'source' ? 'source_read_64k_us' : 'target_write_64k_us');
  const op = carrying(us, row.number('chunk_bytes'), Number.POSITIVE_INFINITY);
  return {
    name: side,
    ops: {
      write: op,
      smallWrite: op,
      read: op,
      punch: timeOnly(us),
      flush: timeOnly(row.number(`${side}_flush_us`)),
    },
    ...PLAIN,
    channels: Number.MAX_SAFE_INTEGER,
  };
}
