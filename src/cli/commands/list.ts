import type { CommandModule } from 'yargs';
import { printFitted } from '../fitted.js';
import { printJson } from '../stdout.js';

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
  const { listingText } = await import('../../output/listing-text.js');
  await printFitted((table) => listingText(result, table));
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
