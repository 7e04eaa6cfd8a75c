/** `stopgap ask`: one situation, all strategies; the table, the verdict in words, the break-even. */
import type { Argv, CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import type { Tree } from '../../base/tree.js';
import type { DrawTable } from '../../output/table.js';
import type { Answer } from '../../study/answer/answer.js';
import { DRAWS } from '../../study/uncertainty/draws.js';
import { FORMAT_OPTIONS, type FormatFlags, printAnswers } from '../answer-format.js';
import { EXIT } from '../exit.js';
import { OUTPUT_GROUP } from '../parameter-options.js';
import { JOBS } from '../simulations.js';
import {
  resolveTold,
  resolveVaried,
  type SituationFlags,
  scenarioPositional,
  situationOptions,
  type Told,
  toldBy,
} from '../situation.js';
import { wholeNumber } from '../whole-number.js';

type Flags = SituationFlags &
  FormatFlags & {
    readonly uncertainty: boolean;
    readonly draws: string | undefined;
    readonly jobs: string | undefined;
  };

/** Fewer tell chance from input by a single draw. */
const DRAWS_MIN = 8;
const DRAWS_MAX = 100_000;

async function askOne(flags: Flags, told: Told, over: Tree): Promise<Answer> {
  const [{ answer }, { withProgress }] = await Promise.all([
    import('../../study/answer/answer.js'),
    import('../progress.js'),
  ]);
  const resolved = await resolveTold(told, over);
  const answered = (): Promise<Answer> => withProgress('replications', (tick) => answer(resolved, tick));
  if (!flags.uncertainty) return answered();
  const draws = wholeNumber(flags.draws ?? String(DRAWS), 'draws', DRAWS_MIN, DRAWS_MAX);
  const [{ uncertainty, runsOf }, { study }] = await Promise.all([
    import('../../study/uncertainty/uncertainty.js'),
    import('../study.js'),
  ]);
  const situation = (settings: Tree) =>
    resolveVaried({ ...told, flags: { ...told.flags, ...over } }, settings);
  return study({ jobs: flags.jobs, atOnce: true }, runsOf(draws), async (simulate) => {
    const stated = await answered();
    const verdicts = stated.strategies.map(({ verdict }) => verdict);
    const doubt = await uncertainty({ resolved, verdicts, draws, situation, simulate });
    return { ...stated, uncertainty: doubt };
  });
}

/** Values to ask about one after another: storages with commas, or all stacks. */
async function alternatives({ storage, stack }: Tree): Promise<readonly Tree[]> {
  const storages = typeof storage === 'string' ? storage.split(',') : [storage];
  if (stack !== 'all') return storages.map((each) => ({ storage: each }));
  if (storages.length > 1)
    throw new InputError('--stack all: compares stacks on one storage, and --storage names several');
  const { presetNames } = await import('../../input/presets.js');
  return presetNames('stack').map((each) => ({ stack: each }));
}

async function textOf(answers: readonly Answer[], { stack }: Tree, table: DrawTable): Promise<string> {
  if (answers.length === 1)
    return (await import('../../output/answer-text.js')).answerText(answers[0]!, table);
  if (stack === 'all') return (await import('../../output/stacks-text.js')).stacksText(answers, table);
  return (await import('../../output/storages-text.js')).storagesText(answers, table);
}

async function handler(flags: Flags): Promise<void> {
  if (flags.jobs !== undefined && !flags.uncertainty)
    throw new InputError('--jobs: only with --uncertainty; all else of an answer is run in one thread');
  if (flags.draws !== undefined && !flags.uncertainty)
    throw new InputError('--draws: only with --uncertainty, whose draws they are');
  const told = await toldBy(flags);
  const given = { ...told.flags, ...told.settings };
  const answers: Answer[] = [];
  for (const each of await alternatives(told.flags)) answers.push(await askOne(flags, told, each));
  await printAnswers(flags, {
    answers,
    json: answers.length === 1 ? answers[0]! : { answers },
    text: (table) => textOf(answers, told.flags, table),
  });
  const failed = answers.some((each) => each.strategies.some((s) => s.state === 'failed'));
  // Over budget is an answer, not a failure, unless the caller set the budget to keep.
  const hasToFit = given.budget !== undefined || given['bitmap-budget'] !== undefined;
  const over = hasToFit && answers.some(({ verdict }) => verdict !== null && verdict !== 'fits');
  if (failed || over) process.exitCode = EXIT.no;
}

export const command: CommandModule<object, Flags> = {
  command: 'ask [scenario]',
  builder: (parser) =>
    scenarioPositional(situationOptions(parser))
      .options({
        ...FORMAT_OPTIONS,
        uncertainty: {
          type: 'boolean',
          default: false,
          group: OUTPUT_GROUP,
          describe: 'how far the stop may be from the answer: by the figures, by chance, by the model',
        },
        draws: {
          type: 'string',
          requiresArg: true,
          group: OUTPUT_GROUP,
          defaultDescription: String(DRAWS),
          describe: 'with --uncertainty: how often all figures are drawn',
        },
        jobs: { ...JOBS, group: OUTPUT_GROUP, describe: `with --uncertainty: ${JOBS.describe}` },
      })
      .example('$0 --disk 16T --storage ceph-nvme', 'is 32 MiB of bitmap too much there?')
      .example('$0 --storage nvme-plp,hdd-7200', 'the same on several storages')
      .example('$0 --disk 8T --uncertainty', 'how sure is that, and what should be measured')
      .example('$0 --disk 4T --stack all', 'what each platform makes of it')
      .example('$0 --image info.json --storage fio.json', 'a real image on measured storage')
      .example(
        '$0 scenario.yaml --set what-if.defer-punch=on',
        'a scenario file, and what if',
      ) as Argv<Flags>,
  handler,
};
