/**
 * Measured rows as the CSV files that `stopgap validate` reads. The kind of file is told from its columns:
 * `measured_bitmap_ms` (a store on a calibrated volume), `bitmap_ms` with `cal_*` (a store in a local file), and
 * `measured_blackout_ms` (a handover). What was not measured is an empty cell.
 */
import { availableParallelism } from 'node:os';
import type { FileCalibration } from '../calibrate/probe-values.js';
import { type Columns, cellsOf, csvOf, markOf, rounded } from '../columns.js';
import type { HandoverRow } from '../qemu/handover.js';
import type { Situation, StoreRow } from '../qemu/store.js';
import type { VolumeCalibration } from '../qemu/volume-probe.js';

type MeasuredColumns<Row> = Columns<[row: Row, situation: Situation, qemu: string]>;

const GIB = 1024 ** 3;

const calibrationColumns = <
  Row extends { readonly calibration: VolumeCalibration | undefined },
>(): MeasuredColumns<Row> => ({
  write_64k_us: (row) => rounded(row.calibration?.write64kUs, 1),
  write_4k_us: (row) => rounded(row.calibration?.write4kUs, 1),
  read_64k_us: (row) => rounded(row.calibration?.read64kUs, 1),
  flush_us: (row) => rounded(row.calibration?.flushUs, 1),
  trim_64k_us: (row) => rounded(row.calibration?.trim64kUs, 1),
  stream_mb_per_s: (row) => rounded(row.calibration?.streamMbPerS, 1),
  write_1m_us: (row) => rounded(row.calibration?.write1mUs, 1),
  read_1m_us: (row) => rounded(row.calibration?.read1mUs, 1),
});

/** A local file, calibrated by system calls on the same directory. */
const fileColumns = <Row extends { readonly file?: FileCalibration }>(): MeasuredColumns<Row> => ({
  cal_w64k_us: (row) => rounded(row.file?.write64kUs, 1),
  cal_w4k_us: (row) => rounded(row.file?.write4kUs, 1),
  cal_r64k_us: (row) => rounded(row.file?.read64kUs, 1),
  cal_flush1_us: (row) => rounded(row.file?.flushUs[1], 1),
  cal_flush64_us: (row) => rounded(row.file?.flushUs[64], 1),
  cal_flush256_us: (row) => rounded(row.file?.flushUs[256], 1),
  cal_punch_us: (row) => rounded(row.file?.punch64kUs, 1),
});

/** The disks, and what is in their bitmaps. */
const bitmapColumns = <
  Row extends { readonly setBits: number; readonly dirtyClusters: number },
>(): MeasuredColumns<Row> => ({
  disk_bytes: (_, situation) => situation.diskBytes,
  disks: (_, situation) => situation.disks,
  cluster_bytes: (_, situation) => situation.clusterBytes,
  granularity_bytes: (_, situation) => situation.granularityBytes,
  bitmaps: (_, situation) => situation.bitmaps,
  set_bits: (row) => row.setBits,
  dirty_clusters: (row) => row.dirtyClusters,
});

const imageColumns: MeasuredColumns<unknown> = {
  discard: (_, situation) => Number(situation.discard),
  preallocated_bytes: (_, { preallocated, diskBytes }) => (preallocated ? diskBytes : 0),
  data_file: (_, { dataFile }) => Number(dataFile !== undefined),
};

const STORE: MeasuredColumns<StoreRow> = {
  qemu: (_, __, qemu) => qemu,
  config: (_, situation) => configName(situation),
  repeat: (row) => row.repeat,
  phase: (row) => row.phase,
  ...bitmapColumns<StoreRow>(),
  old_clusters: (row) => row.oldClusters,
  ...imageColumns,
  ...calibrationColumns<StoreRow>(),
  baseline_ms: (row) => rounded(row.baselineMs, 3),
  measured_bitmap_ms: (row) => rounded(row.bitmapMs, 3),
  writes: (row) => row.requests?.writes,
  write_bytes: (row) => row.requests?.writeBytes,
  flushes: (row) => row.requests?.flushes,
  reads: (row) => row.requests?.reads,
  read_bytes: (row) => row.requests?.readBytes,
  trims: (row) => row.requests?.trims,
  load1: (row) => rounded(row.load1, 2),
  processors: () => availableParallelism(),
};

const HANDOVER: MeasuredColumns<HandoverFileRow> = {
  qemu: (_, __, qemu) => qemu,
  config: (row, situation) => `mode=${row.mode},${configName(situation)}`,
  repeat: (row) => row.repeat,
  mode: (row) => row.mode,
  postcopy: () => 0,
  transport: () => 'unix',
  net_mb_per_s: () => undefined,
  ...bitmapColumns<HandoverFileRow>(),
  ...imageColumns,
  stream_bytes: (row) => row.streamBytes,
  ...calibrationColumns<HandoverRow>(),
  ...fileColumns<HandoverFileRow>(),
  measured_source_ms: (row) => rounded(row.sourceBitmapMs, 3),
  measured_blackout_ms: (row) => rounded(row.blackoutBitmapMs, 3),
  destination_reads: (row) => row.destination?.reads,
  destination_writes: (row) => row.destination?.writes,
  destination_flushes: (row) => row.destination?.flushes,
  load1: (row) => rounded(row.load1, 2),
  processors: () => availableParallelism(),
};

export interface FileRow extends StoreRow {
  readonly file: FileCalibration;
}

/** `file` where the storage is a directory. */
export interface HandoverFileRow extends HandoverRow {
  readonly file?: FileCalibration;
}

/** file.csv's words for the phases. */
const FILE_PHASE = { baseline: 'baseline', first: 'fresh', replace: 'again' } as const;

const FILE: MeasuredColumns<FileRow> = {
  qemu: (_, __, qemu) => qemu,
  config: (_, situation) => configName(situation),
  cache: (_, situation) => (situation.storage.kind === 'directory' ? situation.storage.cache : undefined),
  discard: (_, situation) => (situation.discard ? 'unmap' : 'ignore'),
  disk_GiB: (_, situation) => situation.diskBytes / GIB,
  disks: (_, situation) => situation.disks,
  cluster: (_, situation) => situation.clusterBytes,
  prealloc_GiB: (_, { preallocated, diskBytes }) => (preallocated ? diskBytes / GIB : 0),
  data_file: (_, { dataFile }) => Number(dataFile !== undefined),
  gran: (_, situation) => situation.granularityBytes,
  layout: (_, situation) => situation.layout,
  k: (_, situation) => situation.bits,
  n_bitmaps: (_, situation) => situation.bitmaps,
  iothread: () => 0,
  repeat: (row) => row.repeat,
  phase: (row) => FILE_PHASE[row.phase],
  strace: () => 0,
  bits: (row) => row.setBits,
  new_clusters: (row, situation) => row.dirtyClusters * situation.bitmaps,
  old_clusters: (row, situation) => row.oldClusters * situation.bitmaps,
  downtime_ms: (row) => row.downtimeMs,
  stop_ms: (row) => rounded(row.stopMs, 3),
  bitmap_ms: (row) => rounded(row.bitmapMs, 3),
  ...fileColumns<FileRow>(),
  load1: (row) => rounded(row.load1, 2),
  processors: () => availableParallelism(),
};

/** What such files begin with: their header line. */
export const CSV_MARK = markOf(STORE, HANDOVER, FILE);

/** Rows of store.csv, measured on this release; the baseline stops are in `baseline_ms`, not rows of their own. */
export function storeCsv(rows: readonly StoreRow[], situation: Situation, qemu: string): string {
  return toCsv(
    STORE,
    rows.filter((row) => row.phase !== 'baseline'),
    situation,
    qemu,
  );
}

/** Rows of handover.csv; the runs without bitmaps are taken off already. */
export function handoverCsv(rows: readonly HandoverFileRow[], situation: Situation, qemu: string): string {
  return toCsv(
    HANDOVER,
    rows.filter((row) => row.mode !== 'none'),
    situation,
    qemu,
  );
}

/** Rows of file.csv; the stops without bitmaps are rows of their own there. */
export function fileCsv(rows: readonly FileRow[], situation: Situation, qemu: string): string {
  return toCsv(FILE, rows, situation, qemu);
}

/** What tells this situation from others; rows with the same name differ by noise only. */
function configName(situation: Situation): string {
  const { storage } = situation;
  const place =
    storage.kind === 'directory'
      ? `cache=${storage.cache}`
      : `read_ms=${storage.volume.readDelayMs ?? 0},write_ms=${storage.volume.writeDelayMs ?? 0},trim_ms=${storage.volume.trimDelayMs ?? storage.volume.writeDelayMs ?? 0}`;
  const parts = [
    `disk_GiB=${situation.diskBytes / GIB}`,
    `disks=${situation.disks}`,
    `cluster=${situation.clusterBytes}`,
    `gran=${situation.granularityBytes}`,
    `n=${situation.bitmaps}`,
    `layout=${situation.layout}`,
    `bits=${situation.bits}`,
    `discard=${Number(situation.discard)}`,
    ...(situation.preallocated ? ['preallocated'] : []),
    ...(situation.dataFile ? [dataText(situation.dataFile)] : []),
  ];
  return `${place},${parts.join(',')}`;
}

function dataText({ raw, volume }: NonNullable<Situation['dataFile']>): string {
  const delay = volume ? `,data_ms=${volume.writeDelayMs ?? 0}` : '';
  return `data_file_raw=${raw ? 'on' : 'off'}${delay}`;
}

function toCsv<Row>(
  columns: MeasuredColumns<Row>,
  rows: readonly Row[],
  situation: Situation,
  qemu: string,
): string {
  return csvOf(
    columns,
    rows.map((row) => cellsOf(columns, row, situation, qemu)),
  );
}
