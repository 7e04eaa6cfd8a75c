/** Stores at stop on a calibrated volume: store.csv, punch.csv, scan.csv. */
import { countOps } from '../../sim/qcow2/op-counts.js';
import { OpTimer } from '../../sim/storage/timer.js';
import { calibratedVolume, LAB_HOST } from './calibration.js';
import { countColumns, countMismatches } from './counts.js';
import { type Judged, judge } from './errors.js';
import { stopSdMs } from './interval.js';
import type { ValidationKind } from './kind.js';
import { timeReport } from './report.js';
import { type PredictedStop, replayStores } from './storehistory.js';

/** The time of one predicted stop, with its spread. */
export function predictStore(stop: PredictedStop): { readonly ms: number; readonly sdMs: number } {
  const { row, ops, disks, bitmapBytes } = stop;
  const timer = new OpTimer(calibratedVolume(row), LAB_HOST, { l1Entries: stop.image.l1Entries });
  const estimate = timer.expect(ops);
  const ms = (disks * (estimate.meanNs + timer.fixedNs(bitmapBytes))) / 1e6;
  const causes = { ops, estimate, disks, bitmapBytes, l1Entries: stop.image.l1Entries };
  return { ms, sdMs: stopSdMs(causes, LAB_HOST) };
}

export const storeKind: ValidationKind = {
  name: 'store',
  columns: ['measured_bitmap_ms', 'write_64k_us'],
  validate({ rows }, options) {
    let mismatches = 0;
    const judged = replayStores(rows).map((stop): Judged => {
      const { row, ops, disks } = stop;
      if (countMismatches(row, countColumns(countOps(ops, disks))) > 0) mismatches++;
      const { ms, sdMs } = predictStore(stop);
      return {
        config: row.name('config'),
        phase: row.text('phase'),
        measuredMs: row.number('measured_bitmap_ms'),
        predictedMs: ms,
        sdMs,
      };
    });
    return timeReport(judge(judged, options), options.minMs, mismatches);
  },
};
