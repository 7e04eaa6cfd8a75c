/** `stopgap ask`: one situation, all strategies; the table, the verdict in words, the break-even. */
import type { CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import type { Tree } from '../../base/tree.js';
import type { Answer } from '../../study/answer/answer.js';
import { EXIT } from '../exit.js';
import { overridesFromArgv, parameterOptions } from '../parameter-options.js';
import { note } from '../stderr.js';
import { print, printJson } from '../stdout.js';

type Flags = Record<string, unknown> & { readonly json: boolean };

async function askOne(overrides: Tree): Promise<Answer> {
  const [{ resolveTree }, { answer }, { withProgress }] = await Promise.all([
    import('../../input/resolve.js'),
    import('../../study/answer/answer.js'),
    import('../progress.js'),
  ]);
  const resolved = await resolveTree({}, overrides);
  for (const text of resolved.notes) note(text);
  return withProgress('replications', (tick) => answer(resolved, tick));
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

async function textOf(answers: readonly Answer[], { stack }: Tree): Promise<string> {
  if (answers.length === 1) return (await import('../../output/answer-text.js')).answerText(answers[0]!);
  if (stack === 'all') return (await import('../../output/stacks-text.js')).stacksText(answers);
  return (await import('../../output/storages-text.js')).storagesText(answers);
}

async function handler(flags: Flags): Promise<void> {
  const overrides = overridesFromArgv(flags);
  const { budget, 'bitmap-budget': bitmapBudget } = overrides;
  const answers: Answer[] = [];
  for (const each of await alternatives(overrides)) answers.push(await askOne({ ...overrides, ...each }));
  if (flags.json) printJson(answers.length === 1 ? answers[0]! : { answers });
  else {
    const { fitWidth } = await import('../../output/fit-width.js');
    print(fitWidth(await textOf(answers, overrides), process.stdout.columns));
  }
  const failed = answers.some((each) => each.strategies.some((s) => s.state === 'failed'));
  // Over budget is an answer, not a failure, unless the caller set the budget to keep.
  const hasToFit = budget !== undefined || bitmapBudget !== undefined;
  const over = hasToFit && answers.some(({ verdict }) => verdict !== null && verdict !== 'fits');
  if (failed || over) process.exitCode = EXIT.no;
}

export const command: CommandModule<object, Flags> = {
  command: 'ask',
  builder: (parser) =>
    parser
      .options(parameterOptions())
      .option('json', { type: 'boolean', default: false, describe: 'the answer as JSON' })
      .example('$0 --disk 16T --storage ceph-nvme', 'is 32 MiB of bitmap too much there?')
      .example('$0 --storage nvme-plp,hdd-7200', 'the same on several storages')
      .example('$0 --disk 4T --stack all', 'what each platform makes of it')
      .example('$0 --image info.json --storage fio.json', 'a real image on measured storage'),
  handler,
};
