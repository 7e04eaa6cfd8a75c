/** `stopgap plot`: the figures of a result again, from its CSV alone. */
import type { CommandModule } from 'yargs';
import { note } from '../stderr.js';
import { print, printJson } from '../stdout.js';

interface Flags {
  dir: string;
  json: boolean;
}

async function handler(flags: Flags): Promise<void> {
  const { plotDirectory } = await import('../../output/figures/plot-directory.js');
  const { figures, note: cut } = await plotDirectory(flags.dir);
  if (cut !== '') note(cut);
  if (flags.json) printJson({ dir: flags.dir, figures, report: 'report.html' });
  else print(`${flags.dir}: report.html, figures ${figures.join(' ')} (SVG and PNG)\n`);
}

export const command: CommandModule<object, Flags> = {
  command: 'plot <dir>',
  builder: (parser) =>
    parser
      .positional('dir', { type: 'string', demandOption: true, describe: 'results directory' })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'the names of the files written, as JSON',
      }),
  handler,
};
