/** `stopgap sensitivity`: what drives the answer, and where the verdict flips. */
import type { Argv, CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import type { Sensitivity } from '../../study/sensitivity/sensitivity.js';
import { isDirectory } from '../directory.js';
import { claimedFigure } from '../figure.js';
import { printFitted } from '../fitted.js';
import {
  isTold,
  resolveTold,
  resolveVaried,
  type SituationFlags,
  scenarioPositional,
  situationOptions,
  toldBy,
} from '../situation.js';
import { printFile, printJson } from '../stdout.js';
import { refuseTwoForms, type StudyFlags, study, studyOptions } from '../study.js';
import { wholeNumber } from '../whole-number.js';

interface Flags extends StudyFlags, SituationFlags {
  readonly vary?: readonly string[] | undefined;
  readonly metric: string;
  readonly samples: string;
  readonly walks: string;
}

async function drivers(flags: Flags): Promise<readonly Sensitivity[]> {
  const { vary } = flags;
  if (vary === undefined)
    throw new InputError('--vary is missing: what is varied, such as storage.write.latency=0.1ms..2ms:log');
  const [{ askSensitivity }, { parameterText }] = await Promise.all([
    import('../../study/sensitivity/ask.js'),
    import('../../output/sensitivity-text.js'),
  ]);
  const told = await toldBy(flags);
  const resolved = await resolveTold(told);
  const samples = wholeNumber(flags.samples, 'samples', 2, 1e6);
  const walks = wholeNumber(flags.walks, 'walks', 2, 1e5);
  const question = {
    vary,
    metric: flags.metric,
    samples,
    walks,
    replications: isTold(told, 'replications') ? resolved.replications : undefined,
    named: isTold(told, 'strategies'),
  };
  const situation = (settings: Readonly<Record<string, unknown>>) => resolveVaried(told, settings);
  const width = vary.length;
  const expected = samples * (width + 2) + walks * (width + 1);
  return study(flags, expected, (simulate) =>
    askSensitivity(resolved, question, situation, simulate, parameterText),
  );
}

/** The results of a sweep: what drove them. */
async function handleResults(flags: Flags, directory: string): Promise<void> {
  if (flags.vary !== undefined)
    throw new InputError(`--vary: ${directory} is a directory of results, where the axes were varied`);
  const [{ driversIn }, { driversCsv, driversText }, { shown }] = await Promise.all([
    import('../../sweep/drivers.js'),
    import('../../output/drivers-text.js'),
    import('../../output/figures/data.js'),
  ]);
  const draw = await claimedFigure(flags);
  const results = driversIn(directory, flags.metric, shown);
  if (draw) await draw((await import('../../output/figures/sensitivity.js')).driversFigure(results[0]!));
  if (flags.json) printJson(results.length === 1 ? results[0] : { results });
  else if (flags.csv) printFile(driversCsv(results));
  else await printFitted((table) => results.map((each) => driversText(each, table)).join('\n'));
}

async function handler(flags: Flags): Promise<void> {
  refuseTwoForms(flags);
  const { scenario } = flags;
  if (scenario !== undefined && isDirectory(scenario)) return handleResults(flags, scenario);
  const draw = await claimedFigure(flags);
  const results = await drivers(flags);
  if (draw) {
    const { sensitivityFigure } = await import('../../output/figures/sensitivity.js');
    await draw(sensitivityFigure(results[0]!));
  }
  const { sensitivityCsv, sensitivityText } = await import('../../output/sensitivity-text.js');
  if (flags.json) printJson(results.length === 1 ? results[0] : { results });
  else if (flags.csv) printFile(sensitivityCsv(results));
  else await printFitted((table) => results.map((each) => sensitivityText(each, table)).join('\n'));
}

const text = { type: 'string', requiresArg: true } as const;

export const command: CommandModule<object, Flags> = {
  command: 'sensitivity [scenario]',
  builder: (parser) =>
    scenarioPositional(
      situationOptions(parser),
      'scenario file; or the directory of results of a sweep, whose axes are then looked at',
    )
      .options({
        vary: {
          ...text,
          array: true,
          nargs: 1,
          describe:
            'path=from..to[:log] or path=a,b; repeatable; or uncertainty: every figure of the presets used',
        },
        metric: { ...text, default: 'downtime_ms', describe: 'the column whose variance is explained' },
        samples: {
          ...text,
          default: '64',
          describe: 'base points of the Sobol sequence, best a power of two',
        },
        walks: { ...text, default: '10', describe: 'walks of the screening by elementary effects' },
        ...studyOptions("the indices as CSV, with SALib's names"),
      })
      .example(
        '$0 --vary storage.write.latency=0.1ms..2ms:log --vary bitmaps=1..8',
        'which of the two decides',
      )
      .example('$0 results/my-sweep', 'what drove the results of a sweep')
      .example('$0 --storage ceph-nvme --vary uncertainty', 'which figure to measure better') as Argv<Flags>,
  handler,
};
