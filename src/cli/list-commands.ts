/** A sweep as a job list, for GNU parallel, HTCondor and whoever takes one command a line. */

import { InputError } from '../base/errors.js';
import { shellWord } from '../base/shell.js';
import type { Experiment } from '../sweep/experiment/experiment.js';
import { print } from './stdout.js';
import { wholeNumber } from './whole-number.js';

interface Listing {
  readonly of: string;
  readonly out: string;
  readonly shard: string | undefined;
  readonly format: string;
  readonly archive: string | undefined;
}

/** Prints so many commands that do the sweep in shards; the one that merges them is a comment behind. */
export async function listCommands(
  experiment: Experiment,
  { of: count, out, shard, format, archive }: Listing,
): Promise<void> {
  if (shard !== undefined) throw new InputError('--list-commands: makes the shards, so leave --shard out');
  const of = wholeNumber(count, 'list-commands', 1, 100_000);
  const { sweepCommand } = await import('../sweep/results/sweep-command.js');
  const sweep = { argv: process.argv.slice(2), experiment: experiment.source };
  const directories = Array.from({ length: of }, (_, i) => `${out}.shard-${i + 1}-of-${of}`);
  const commands = directories.map((directory, i) => sweepCommand(sweep, { index: i + 1, of }, directory));
  const files = [
    ...(format === 'csv' ? [] : ['--format', format]),
    ...(archive ? ['--archive', archive] : []),
  ];
  const merge = `# then: stopgap merge ${[...directories, '--out', out, ...files].map(shellWord).join(' ')}`;
  print(`${[...commands, merge].join('\n')}\n`);
}
