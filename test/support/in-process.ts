/** Commands in the process of the test, where modules can be mocked; `stopgap.ts` runs the built program. */
import { vi } from 'vitest';
import yargs, { type CommandModule } from 'yargs';
import { COMMANDS } from '../../src/cli/commands.js';

/** What the command prints. */
export async function stopgap(name: string, ...args: string[]): Promise<string> {
  let out = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    const loaded = await COMMANDS[name]!.load();
    const positionals = String(loaded.command).slice(name.length);
    const command = { ...loaded, command: `$0${positionals}` } as CommandModule;
    await yargs(args)
      .parserConfiguration({ 'parse-numbers': false })
      .command(command)
      .fail((message, error) => {
        throw error ?? new Error(message);
      })
      .parseAsync();
  } finally {
    write.mockRestore();
  }
  return out;
}
