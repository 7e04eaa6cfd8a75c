/** What a kind of measured file is: told from its columns, predicted row by row. One file a kind. */
import type { HostSpec } from '../../sim/scenario.js';
import type { ErrorReport, JudgeOptions } from './errors.js';
import type { MeasuredTable } from './rows.js';

/** Errors of predicted times. */
export interface TimeErrors extends ErrorReport {
  /** Request counts that differ; null where the file has none to compare. */
  readonly op_count_mismatches: number | null;
  /** Of what the source alone reports, where that was measured too. */
  readonly source?: ErrorReport;
}

export interface ValidationReport {
  /** What `--json` prints. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The part of it about times, of kinds that predict some. */
  readonly errors?: TimeErrors;
  /** What the limits of the command line are held against; null where the file has nothing long enough. */
  readonly medianApe: number | null;
  readonly p90Ape: number | null;
  /** Requests (or sequences) that differ from real QEMU: must be 0. */
  readonly mismatches: number;
  /** The table for people: a line for each group of rows. */
  readonly table: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** Closing lines under the table. */
  readonly remarks: readonly string[];
}

export interface ValidationOptions extends JudgeOptions {
  /** QEMU's own time on the machine that the rows were measured on; auto: each configuration's from the others. */
  readonly host: HostSpec | 'auto';
  /** What is known of any machine: where `auto` begins. */
  readonly prior: HostSpec;
}

export interface ValidationKind {
  readonly name: string;
  /** Columns that only this kind has; all must be there. */
  readonly columns: readonly string[];
  /** `sibling` reads another file of the same folder, for rows that are spread over two files. */
  validate(table: MeasuredTable, options: ValidationOptions, sibling: ReadSibling): ValidationReport;
}

/** The text of a file beside the measured one, unpacked where it ends in .gz; undefined where there is none. */
export type ReadSibling = (name: string) => string | undefined;
