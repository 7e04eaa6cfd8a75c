import type { CommandModule } from 'yargs';
import { print, printJson } from '../stdout.js';

interface Arguments {
  readonly what: string | undefined;
  readonly name: string | undefined;
  readonly json: boolean | undefined;
}

async function run({ what, name, json }: Arguments): Promise<void> {
  const { listing } = await import('../../output/listing.js');
  const result = await listing(what, name);
  if (json) {
    printJson(result.json);
    return;
  }
  const { columns } = await import('../columns.js');
  for (const { title, rows } of result.sections) {
    if (title !== '') print(`${title}\n`);
    print(`${columns(rows, title === '' ? '' : '  ')}\n`);
  }
}

/** `stopgap list [what] [name]`: presets with their figures and sources, strategies, parameters. */
export const command: CommandModule<object, Arguments> = {
  command: 'list [what] [name]',
  builder: (yargs) =>
    yargs
      .positional('what', {
        type: 'string',
        describe: 'storage, workload, vm, link, host, stack, strategies, parameters or qemu',
      })
      .positional('name', { type: 'string', describe: 'a preset, strategy or release: all its figures' })
      .option('json', { type: 'boolean', describe: 'as JSON' }),
  handler: run,
};
