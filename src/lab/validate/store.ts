/** Stores at stop on a calibrated volume: store.csv, punch.csv, scan.csv. */
import { countOps } from '../../sim/qcow2/op-counts.js';
import { countColumns, countMismatches } from './counts.js';
import { judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { timeReport } from './report.js';
import { stopTime } from './stop-time.js';
import { judgedStops } from './stops.js';
import { disksOf, replayStores } from './storehistory.js';

export const storeKind: ValidationKind = {
  name: 'store',
  columns: ['measured_bitmap_ms', 'write_64k_us'],
  validate({ rows }, options) {
    const replayed = replayStores(rows);
    const mismatches = replayed.filter(
      ({ row, work }) => countMismatches(row, countColumns(countOps(work.ops, disksOf(row)))) > 0,
    ).length;
    const { stop = [] } = judgedStops(
      replayed.map(({ row, work }) => ({
        row,
        phase: row.text('phase'),
        times: {
          stop: {
            measuredMs: row.number('measured_bitmap_ms'),
            on: (host) => stopTime(row, work, host),
          },
        },
      })),
      options,
    );
    return timeReport(judge(stop, options), options.minMs, mismatches);
  },
};
