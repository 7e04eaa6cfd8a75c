/** `stopgap repro`: one row of a result, run again and compared with the CSV. */
import type { CommandModule } from 'yargs';
import { EXIT } from '../exit.js';
import { note } from '../stderr.js';
import { print, printJson } from '../stdout.js';

interface Flags {
  dir: string;
  'run-id': string;
  json: boolean;
}

async function handler(flags: Flags): Promise<void> {
  const { reproduce } = await import('../../sweep/results/reproduce.js');
  const { row, again, differences, notes } = await reproduce(flags.dir, flags['run-id']);
  if (differences.length > 0) process.exitCode = EXIT.no;
  if (flags.json) {
    printJson({ same: differences.length === 0, differences, notes, row, again });
    return;
  }
  for (const text of notes) note(text);
  const what = `point ${row.point}, replication ${row.replication}, ${row.strategy}${row.variant ? `/${row.variant}` : ''}`;
  const lines = differences.map(
    ({ column, inFile, again: now }) => `  ${column}: ${inFile} in the file, ${now} now`,
  );
  const verdict =
    differences.length === 0 ? 'the same in every column' : `${differences.length} columns differ`;
  print(
    `${row.run_id} (${what}): downtime ${again.downtime_ms} ms, ${verdict}\n${lines.map((line) => `${line}\n`).join('')}`,
  );
}

export const command: CommandModule<object, Flags> = {
  command: 'repro <dir> <run-id>',
  builder: (parser) =>
    parser
      .positional('dir', { type: 'string', demandOption: true, describe: 'results directory' })
      .positional('run-id', {
        type: 'string',
        demandOption: true,
        describe: 'first column of runs.csv, or its beginning',
      })
      .option('json', { type: 'boolean', default: false, describe: 'both rows as JSON' }),
  handler,
};
