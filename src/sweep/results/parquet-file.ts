/** Results as Parquet beside the CSV: which file, and who writes it. The library is loaded only then. */
import type { Job } from '../run/task.js';
import type { TypedColumn } from './parquet.js';

/** runs.csv → runs.parquet. */
export const parquetPath = (csvPath: string): string => csvPath.replace(/\.csv$/, '.parquet');

export interface Conversion {
  readonly from: string;
  readonly to: string;
  readonly columns: readonly TypedColumn[];
}

/** Writes one file from the other. */
export const PARQUET: Job<Conversion, void> = {
  file: 'dist/sweep/results/parquet-worker.js',
  here: async ({ from, to, columns }) => {
    const { writeParquet } = await import('./parquet.js');
    writeParquet(from, to, columns);
  },
};
