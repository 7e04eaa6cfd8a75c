/** Stores at stop on a calibrated volume: store.csv, punch.csv, scan.csv. */
import { countOps } from '../../sim/qcow2/op-counts.js';
import { countColumns, countMismatches } from './counts.js';
import { type Judged, judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { timeReport } from './report.js';
import { stopTime } from './stop-time.js';
import { disksOf, replayStores } from './storehistory.js';

export const storeKind: ValidationKind = {
  name: 'store',
  columns: ['measured_bitmap_ms', 'write_64k_us'],
  validate({ rows }, options) {
    let mismatches = 0;
    const judged = replayStores(rows).map(({ row, work }): Judged => {
      if (countMismatches(row, countColumns(countOps(work.ops, disksOf(row)))) > 0) mismatches++;
      const { ms, sdMs } = stopTime(row, work, options.lab);
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
