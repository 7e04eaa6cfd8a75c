/** `stopgap run`: one scenario file in detail, with the phases of the stop. */
import type { CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import { EXIT } from '../exit.js';
import { note } from '../stderr.js';

interface Flags {
  scenario: string;
  set: string[] | undefined;
  trace: string | undefined;
  json: boolean;
}

/** `path=value` pairs of `--set`, as overrides. */
export function parseSettings(settings: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    settings.map((setting) => {
      const equals = setting.indexOf('=');
      if (equals < 1) throw new InputError(`--set: '${setting}' is not path=value, such as disk.size=4T`);
      return [setting.slice(0, equals), setting.slice(equals + 1)];
    }),
  );
}

async function handler(flags: Flags): Promise<void> {
  const [{ resolve }, { parseYaml, readText }, { answer }, { withProgress }] = await Promise.all([
    import('../../experiment/resolve.js'),
    import('../../experiment/files.js'),
    import('../../experiment/answer/answer.js'),
    import('../progress.js'),
  ]);
  const input = await parseYaml(readText(flags.scenario, 'scenario'), flags.scenario);
  const resolved = await resolve(input as Record<string, unknown>, parseSettings(flags.set ?? []), {
    file: flags.scenario,
    given: 'settings',
  });
  for (const text of resolved.notes) note(text);
  const result = await withProgress('replications', (tick) => answer(resolved, tick));
  if (flags.trace !== undefined) {
    const [{ recordRun }, { writeChromeTrace }] = await Promise.all([
      import('../../experiment/record.js'),
      import('../../output/chrome-trace.js'),
    ]);
    writeChromeTrace(flags.trace, recordRun(resolved));
  }
  const fates =
    resolved.scenario.outcome && (await import('../../experiment/outcomes/fates.js')).fatesOf(resolved);
  if (flags.json) process.stdout.write(`${JSON.stringify({ ...result, outcomes: fates }, null, 2)}\n`);
  else {
    const { detailText } = await import('../../output/answer-detail.js');
    const { fitWidth } = await import('../../output/fit-width.js');
    process.stdout.write(fitWidth(detailText(result), process.stdout.columns));
    if (fates) {
      const { fatesText } = await import('../../output/outcomes-text.js');
      process.stdout.write(fitWidth(fatesText(fates), process.stdout.columns));
    }
  }
  if (result.strategies.some((s) => s.state === 'failed')) process.exitCode = EXIT.no;
}

export const command: CommandModule<object, Flags> = {
  command: 'run <scenario>',
  builder: (parser) =>
    parser
      .positional('scenario', {
        type: 'string',
        demandOption: true,
        describe: 'scenario file (YAML; `stopgap schema scenario`)',
      })
      .option('set', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'path=value, over the file; repeatable',
      })
      .option('trace', {
        type: 'string',
        requiresArg: true,
        describe: 'write the events of one replication as Chrome trace JSON (opens in Perfetto)',
      })
      .option('json', { type: 'boolean', default: false, describe: 'the result as JSON' }),
  handler,
};
