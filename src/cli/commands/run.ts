/** `stopgap run`: one scenario file in detail, with the phases of the stop. */
import type { CommandModule } from 'yargs';
import { claimOutput, FORCE } from '../../files/output.js';
import { EXIT } from '../exit.js';
import { note } from '../stderr.js';
import { print, printJson } from '../stdout.js';

interface Flags {
  scenario: string;
  set: string[] | undefined;
  trace: string | undefined;
  force: boolean;
  json: boolean;
}

/** What chromeTrace begins with. */
const TRACE_MARK = /^\{"madeBy":"stopgap run --trace"/;

/** Every text in a tree of values, and what stands behind its last `=`: names of files are among them. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value, value.slice(value.lastIndexOf('=') + 1)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

async function handler(flags: Flags): Promise<void> {
  const [{ resolveTree }, { readText }, { parseYaml }, { parseSettings }, { answer }, { withProgress }] =
    await Promise.all([
      import('../../input/resolve.js'),
      import('../../input/values/files.js'),
      import('../../input/values/yaml.js'),
      import('../../input/values/settings.js'),
      import('../../study/answer/answer.js'),
      import('../progress.js'),
    ]);
  const input = await parseYaml(readText(flags.scenario, 'scenario'), flags.scenario);
  const trace =
    flags.trace === undefined
      ? undefined
      : claimOutput(flags.trace, {
          flag: '--trace',
          mark: TRACE_MARK,
          force: flags.force,
          inputs: [flags.scenario, ...textsIn(input), ...textsIn(flags.set)],
        });
  const settings = Object.fromEntries(parseSettings(flags.set ?? []));
  const resolved = await resolveTree(input, settings, {
    file: flags.scenario,
    given: 'settings',
  });
  for (const text of resolved.notes) note(text);
  const result = await withProgress('replications', (tick) => answer(resolved, tick));
  if (trace) {
    const [{ recordRun }, { chromeTrace }] = await Promise.all([
      import('../../study/spans.js'),
      import('../../output/chrome-trace.js'),
    ]);
    trace.write(chromeTrace(recordRun(resolved)));
  }
  const fates =
    resolved.scenario.outcome && (await import('../../study/outcomes/fates.js')).fatesOf(resolved);
  if (flags.json) printJson({ ...result, outcomes: fates });
  else {
    const { detailText } = await import('../../output/answer-detail.js');
    const { fitWidth } = await import('../../output/fit-width.js');
    print(fitWidth(detailText(result), process.stdout.columns));
    if (fates) {
      const { fatesText } = await import('../../output/outcomes-text.js');
      print(fitWidth(fatesText(fates), process.stdout.columns));
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
      .option('force', FORCE)
      .option('json', { type: 'boolean', default: false, describe: 'the result as JSON' }),
  handler,
};
