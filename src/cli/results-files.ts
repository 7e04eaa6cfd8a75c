/** What `sweep` and `merge` write beside CSV when they are asked to. */
import { InputError } from '../base/errors.js';
import { claimOutput, FORCE, type Output } from '../files/output.js';

/** The options. */
export const RESULTS_FILES = {
  format: {
    type: 'string',
    choices: ['csv', 'parquet'],
    default: 'csv',
    describe: 'parquet: columnar files (*.parquet) beside the CSV',
  },
  archive: {
    type: 'string',
    requiresArg: true,
    describe: 'when all is done, the results directory as one tar file, the same bytes every time',
  },
  force: FORCE,
} as const;

export interface ResultsFlags {
  readonly format: string;
  readonly archive: string | undefined;
  readonly force: boolean;
}

/** The place of the archive, made sure of before the work; undefined where none is asked for. */
export async function claimArchive(
  { archive, force }: ResultsFlags,
  inputs: readonly string[],
): Promise<Output | undefined> {
  if (archive === undefined) return undefined;
  if (!archive.endsWith('.tar')) throw new InputError(`--archive: '${archive}' does not end in .tar`);
  const { ARCHIVE_MARK } = await import('../sweep/results/archive.js');
  return claimOutput(archive, { flag: '--archive', mark: ARCHIVE_MARK, force, inputs });
}

/** Puts the directory into its archive. */
export async function writeArchive(output: Output | undefined, directory: string): Promise<void> {
  if (!output) return;
  const { archiveOf } = await import('../sweep/results/archive.js');
  output.writeAll(archiveOf(directory, output.path));
}
