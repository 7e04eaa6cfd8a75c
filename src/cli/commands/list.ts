import type { CommandModule } from 'yargs';

interface Arguments {
  readonly what: string | undefined;
  readonly name: string | undefined;
  readonly json: boolean | undefined;
}

async function run({ what, name, json }: Arguments): Promise<void> {
  const { listing } = await import('../../output/listing.js');
  const result = await listing(what, name);
  if (json) {
    process.stdout.write(`${JSON.stringify(result.json, null, 2)}\n`);
    return;
  }
  const { columns } = await import('../columns.js');
  for (const { title, rows } of result.sections) {
    if (title !== '') process.stdout.write(`${title}\n`);
    process.stdout.write(`${columns(rows, title === '' ? '' : '  ')}\n`);
  }
}

/** `stopgap list [what] [name]`: presets with their figures and sources, strategies, parameters. */
export const command: CommandModule<object, Arguments> = {
  command: 'list [what] [name]',
  builder: (yargs) =>
    yargs
      .positional('what', {
        type: 'string',
        describe: 'storage, workload, vm, link, host, strategies or parameters',
      })
      .positional('name', { type: 'string', describe: 'a preset or strategy: all its figures' })
      .option('json', { type: 'boolean', describe: 'as JSON' }),
  handler: run,
};
