/** `stopgap merge`: the shards of a sweep to one result. */
import type { CommandModule } from 'yargs';
import { EXIT } from '../exit.js';
import { claimArchive, RESULTS_FILES, type ResultsFlags, writeArchive } from '../results-files.js';
import { complain, note } from '../stderr.js';
import { print, printJson } from '../stdout.js';

interface Flags extends ResultsFlags {
  dirs: string[];
  out: string;
  json: boolean;
}

async function handler(flags: Flags): Promise<void> {
  const { mergeShards } = await import('../../sweep/results/merge.js');
  const archive = await claimArchive(flags, flags.dirs);
  const parquet = flags.format === 'parquet';
  const { rows, failures, notes } = await mergeShards(flags.dirs, flags.out, { parquet });
  if (failures > 0) {
    complain(`${failures} of the rows are of runs that failed (column state)`);
    process.exitCode = EXIT.no;
  } else await writeArchive(archive, flags.out);
  for (const text of notes) note(text);
  if (flags.json) printJson({ out: flags.out, rows, failures });
  else print(`${flags.out}: ${rows} rows from ${flags.dirs.length} shards: runs.csv summary.csv\n`);
}

export const command: CommandModule<object, Flags> = {
  command: 'merge <dirs...>',
  builder: (parser) =>
    parser
      .positional('dirs', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'results directories of all shards',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'results directory for the joined result',
      })
      .options(RESULTS_FILES)
      .option('json', { type: 'boolean', default: false, describe: 'the outcome as JSON' }),
  handler,
};
