/** What follows from a finished runs.csv: summary.csv, both as Parquet where that is asked for, and datapackage.json. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../files/replace.js';
import { abortOf } from '../run/abort.js';
import type { Executor } from '../run/executor.js';
import type { Column } from './column.js';
import { dataPackage, type Table } from './data-package.js';
import { PARQUET, parquetPath } from './parquet-file.js';
import { RUNS_FILE } from './runs-file.js';
import { summaryColumns } from './summary.js';
import { SUMMARY_FILE, summaryText } from './summary-file.js';

export interface Derivation {
  /** Of the experiment. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** Where there are fewer columns than a summary needs. */
  readonly lean?: boolean;
  /** Files that are there already are made again in any case, since they would tell of other rows. */
  readonly parquet?: boolean;
  readonly executor: Executor;
  readonly signal?: AbortSignal | undefined;
}

/** Writes all of them; false where the signal came first. */
export async function writeDerivedFiles(directory: string, derivation: Derivation): Promise<boolean> {
  const { name, title, columns, lean = false, executor, signal } = derivation;
  const at = (file: string): string => join(directory, file);
  const tables: Table[] = [
    { path: RUNS_FILE, columns, key: ['point', 'replication', 'strategy', 'variant'] },
  ];
  if (lean) rmSync(at(SUMMARY_FILE), { force: true });
  else {
    const summary = await summaryText(at(RUNS_FILE), summaryColumns(columns), { executor, signal });
    if (summary === undefined) return false;
    replaceFile(at(SUMMARY_FILE), summary.texts);
    // A column that is empty in every row is left out, and tells nothing apart.
    const key = ['point', 'strategy', 'variant'].filter((each) =>
      summary.columns.some((column) => column.name === each),
    );
    tables.push({ path: SUMMARY_FILE, columns: summary.columns, key });
  }
  if (derivation.parquet || existsSync(at(parquetPath(RUNS_FILE)))) {
    for (const table of [...tables]) {
      const path = parquetPath(table.path);
      const typed = table.columns.map(({ name: column, type }) => ({ name: column, type }));
      const written = executor.make({ from: at(table.path), to: at(path), columns: typed }, PARQUET);
      await Promise.race([written, abortOf(signal)]);
      if (signal?.aborted) return false;
      tables.push({ ...table, path });
    }
  }
  replaceFile(at('datapackage.json'), [dataPackage(name, title, tables)]);
  return true;
}
