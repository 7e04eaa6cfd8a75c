/** `stopgap run`: one scenario file in detail, with the phases of the stop. */
import type { Argv, CommandModule } from 'yargs';
import { claimOutput, FORCE } from '../../files/output.js';
import { FORMAT_OPTIONS, type FormatFlags, printAnswers } from '../answer-format.js';
import { EXIT } from '../exit.js';
import { OUTPUT_GROUP } from '../parameter-options.js';
import { resolveTold, type SituationFlags, situationOptions, toldBy } from '../situation.js';

interface Flags extends SituationFlags, FormatFlags {
  readonly scenario: string;
  readonly trace: string | undefined;
  readonly force: boolean;
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
  const [{ answer }, { withProgress }] = await Promise.all([
    import('../../study/answer/answer.js'),
    import('../progress.js'),
  ]);
  const told = await toldBy(flags);
  const inputs = [flags.scenario, ...[told.input, told.flags, flags.set].flatMap(textsIn)];
  const trace =
    flags.trace === undefined
      ? undefined
      : claimOutput(flags.trace, { flag: '--trace', mark: TRACE_MARK, force: flags.force, inputs });
  const resolved = await resolveTold(told);
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
  await printAnswers(flags, {
    answers: [result],
    json: { ...result, outcomes: fates },
    text: async (table) => {
      const { detailText } = await import('../../output/answer-detail.js');
      const detail = detailText(result, table);
      if (!fates) return detail;
      return detail + (await import('../../output/outcomes-detail-text.js')).fatesText(fates, table);
    },
  });
  if (result.strategies.some((s) => s.state === 'failed')) process.exitCode = EXIT.no;
}

export const command: CommandModule<object, Flags> = {
  command: 'run <scenario>',
  builder: (parser) =>
    situationOptions(parser)
      .positional('scenario', {
        type: 'string',
        demandOption: true,
        describe: 'scenario file (YAML; `stopgap schema scenario`); flags and --set go over it',
      })
      .option('trace', {
        type: 'string',
        requiresArg: true,
        group: OUTPUT_GROUP,
        describe: 'write the events of one replication as Chrome trace JSON (opens in Perfetto)',
      })
      .option('force', { ...FORCE, group: OUTPUT_GROUP })
      .options(FORMAT_OPTIONS) as Argv<Flags>,
  handler,
};
