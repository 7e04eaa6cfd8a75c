/** What was calibrated, as the storage of the model: constants of single requests for a volume, distributions for a file. */
import { median } from 'simple-statistics';
import { storageOfValues } from '../../input/storage-values/values.js';
import type { StorageSpec } from '../../sim/scenario.js';
import type { ProbeResult } from '../calibrate/probe.js';
import { probeValues } from '../calibrate/probe-values.js';
import type { HostCache } from '../qemu/test-image.js';
import type { VolumeCalibration } from '../qemu/volume-probe.js';
import { calibratedVolume } from '../validate/calibrated-volume.js';
import { MeasuredRow } from '../validate/rows.js';

/** An NBD volume from its calibrations (median over them), as `validate` takes the same columns of a CSV. */
export function volumeStorage(calibrations: readonly VolumeCalibration[]): StorageSpec {
  const middle = (key: keyof VolumeCalibration): string =>
    String(median(calibrations.map((calibration) => calibration[key])));
  const cells = {
    write_64k_us: middle('write64kUs'),
    write_4k_us: middle('write4kUs'),
    read_64k_us: middle('read64kUs'),
    flush_us: middle('flushUs'),
    trim_64k_us: middle('trim64kUs'),
    stream_mb_per_s: middle('streamMbPerS'),
    write_1m_us: middle('write1mUs'),
    read_1m_us: middle('read1mUs'),
  };
  return calibratedVolume(new MeasuredRow(cells, 'calibration'));
}

/** A local file from the built-in probe: distributions, because a store's time follows their means. */
export function fileStorage(probe: ProbeResult, cache: HostCache): StorageSpec {
  return storageOfValues(probeValues(probe, cache === 'none'), 'calibrated directory');
}
