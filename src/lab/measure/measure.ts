/** A whole measurement: checks what is installed, calibrates the storage, stops real VMs, and compares. */
import { statfsSync } from 'node:fs';
import { InputError } from '../../base/errors.js';
import { formatSize } from '../../base/units.js';
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import type { HostSpec, StorageSpec } from '../../sim/scenario.js';
import { type ProbeResult, probeDirectory } from '../calibrate/probe.js';
import { type FileCalibration, fileCalibration } from '../calibrate/probe-values.js';
import type { Cleanup } from '../process/cleanup.js';
import { type HandoverMode, type HandoverRow, measureHandover } from '../qemu/handover.js';
import { requireQemu } from '../qemu/qemu.js';
import { measureStore, type Situation, type StoreRow } from '../qemu/store.js';
import type { HostCache } from '../qemu/test-image.js';
import { fileCsv, handoverCsv, storeCsv } from './measured-csv.js';
import { fileStorage, volumeStorage } from './predict-storage.js';

export interface Measured {
  readonly qemuVersion: string;
  readonly store: readonly StoreRow[];
  readonly handover: readonly HandoverRow[];
  /** What the prediction is made from: the storage as calibrated, and QEMU's own time from a host preset. */
  readonly storage: StorageSpec;
  readonly host: HostSpec;
  readonly csv: string;
}

export interface MeasureOptions {
  /** Migrate to a second QEMU in these ways instead of into nothing. */
  readonly handover: readonly HandoverMode[];
  /** QEMU's own time. */
  readonly host: HostSpec;
  readonly onStep?: (done: number, of: number) => void;
}

const PROBE_BUDGET_MS = 5000;
const STOPS_PER_REPEAT = 3;
/** Room for both copies of the bitmaps, the qcow2 metadata and the probe. */
const SPARE_BYTES = 256 * 1024 * 1024;

export async function measure(
  cleanup: Cleanup,
  situation: Situation,
  options: MeasureOptions,
): Promise<Measured> {
  const { storage: place } = situation;
  const qemuVersion = await requireQemu('measure', place.kind === 'nbdkit' ? ['nbdkit'] : []);
  const { host } = options;
  let file:
    | { readonly probe: ProbeResult; readonly calibration: FileCalibration; readonly cache: HostCache }
    | undefined;
  if (place.kind === 'directory') {
    checkRoom(place.path, situation);
    const direct = place.cache === 'none';
    const probe = await probeDirectory(cleanup, place.path, { direct, budgetMs: PROBE_BUDGET_MS });
    file = { probe, calibration: fileCalibration(probe), cache: place.cache };
  }
  let done = 0;
  const perRepeat = options.handover.length > 0 ? options.handover.length + 1 : STOPS_PER_REPEAT;
  const step = (): void => options.onStep?.(++done, situation.repeats * perRepeat);
  const storageOf = (rows: readonly (StoreRow | HandoverRow)[]): StorageSpec =>
    file ? fileStorage(file.probe, file.cache) : volumeStorage(calibrationOf(rows));
  if (options.handover.length > 0) {
    const handover = await measureHandover(cleanup, situation, options.handover, step);
    const withFile = file ? handover.map((row) => ({ ...row, file: file.calibration })) : handover;
    const csv = handoverCsv(withFile, situation, qemuVersion);
    return { qemuVersion, store: [], handover, storage: storageOf(handover), host, csv };
  }
  const store = await measureStore(cleanup, situation, step);
  const csv = file
    ? fileCsv(
        store.map((row) => ({ ...row, file: file.calibration })),
        situation,
        qemuVersion,
      )
    : storeCsv(store, situation, qemuVersion);
  return { qemuVersion, store, handover: [], storage: storageOf(store), host, csv };
}

function calibrationOf(rows: readonly (StoreRow | HandoverRow)[]) {
  return rows.flatMap((row) => (row.calibration ? [row.calibration] : []));
}

/** A store that fails for want of room would fail the migration: refuse before anything is made. */
function checkRoom(directory: string, situation: Situation): void {
  const { bavail, bsize } = statfsSync(directory);
  const bitmapBytes = bitmapBits(situation.diskBytes, situation.granularityBytes) / 8;
  const need = 2 * situation.disks * situation.bitmaps * bitmapBytes + SPARE_BYTES;
  if (bavail * bsize < need)
    throw new InputError(
      `measure: ${directory} has ${formatSize(bavail * bsize)} free; this measurement needs ${formatSize(need)}`,
    );
}
