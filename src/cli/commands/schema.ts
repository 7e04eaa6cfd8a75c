import type { CommandModule } from 'yargs';
import { print, printJson } from '../stdout.js';

interface Arguments {
  readonly name: string | undefined;
}

async function run({ name }: Arguments): Promise<void> {
  const { SCHEMAS, jsonSchema } = await import('../../sweep/file-schemas.js');
  if (name === undefined) {
    for (const [each, { summary }] of Object.entries(SCHEMAS)) print(`${each.padEnd(12)}${summary}\n`);
    return;
  }
  if (!Object.hasOwn(SCHEMAS, name)) {
    const { InputError } = await import('../../base/errors.js');
    const { didYouMean, oneOf } = await import('../../input/values/suggest.js');
    const names = Object.keys(SCHEMAS);
    throw new InputError(`schema: '${name}' is not ${oneOf(names)}${didYouMean(name, names)}`);
  }
  printJson(await jsonSchema(name));
}

/** `stopgap schema [name]`: JSON Schema of the files stopgap reads; without a name, which there are. */
export const command: CommandModule<object, Arguments> = {
  command: 'schema [name]',
  builder: (yargs) => yargs.positional('name', { type: 'string', describe: 'kind of file' }),
  handler: run,
};
