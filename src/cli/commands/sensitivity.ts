/** `stopgap sensitivity`: what drives the answer, and where the verdict flips. */
import type { CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import { FORCE } from '../../files/output.js';
import type { Sensitivity } from '../../study/sensitivity/sensitivity.js';
import { overridesFromArgv, parameterOptions } from '../parameter-options.js';
import { JOBS, withSimulations } from '../simulations.js';
import { note } from '../stderr.js';
import { print, printFile, printJson } from '../stdout.js';
import { wholeNumber } from '../whole-number.js';

type Flags = Record<string, unknown> & {
  readonly vary?: readonly string[] | undefined;
  readonly metric: string;
  readonly samples: string;
  readonly walks: string;
  readonly figure?: string | undefined;
  readonly force: boolean;
  readonly jobs?: string | undefined;
  readonly csv: boolean;
  readonly json: boolean;
};

async function study(flags: Flags): Promise<readonly Sensitivity[]> {
  const { vary } = flags;
  if (vary === undefined)
    throw new InputError('--vary is missing: what is varied, such as storage.write.latency=0.1ms..2ms:log');
  const [{ resolveTree }, { askSensitivity }, { parameterText }, { withProgress }] = await Promise.all([
    import('../../input/resolve.js'),
    import('../../study/sensitivity/ask.js'),
    import('../../output/sensitivity-text.js'),
    import('../progress.js'),
  ]);
  const overrides = overridesFromArgv(flags);
  const resolved = await resolveTree({}, overrides);
  for (const text of resolved.notes) note(text);
  const samples = wholeNumber(flags.samples, 'samples', 2, 1e6);
  const walks = wholeNumber(flags.walks, 'walks', 2, 1e5);
  const question = {
    vary,
    metric: flags.metric,
    samples,
    walks,
    replications: overrides.replications === undefined ? undefined : resolved.replications,
    named: overrides.strategies !== undefined,
  };
  const situation = (settings: Readonly<Record<string, unknown>>) =>
    resolveTree({}, { ...overrides, ...settings });
  const width = vary.length;
  const expected = samples * (width + 2) + walks * (width + 1);
  return withProgress('runs', (tick) =>
    withSimulations(
      flags.jobs,
      (done) => tick(done, Math.max(expected, Math.ceil(done * 1.05))),
      (simulate) => askSensitivity(resolved, question, situation, simulate, parameterText),
    ),
  );
}

async function handler(flags: Flags): Promise<void> {
  if (flags.json && flags.csv) throw new InputError('--csv: not together with --json; give one of them');
  const figures =
    flags.figure === undefined ? undefined : await import('../../output/figures/write-figure.js');
  const figure = figures?.claimFigure(flags.figure!, { flag: '--figure', force: flags.force, inputs: [] });
  const results = await study(flags);
  if (figures && figure) {
    const { sensitivityFigure } = await import('../../output/figures/sensitivity.js');
    await figures.writeDrawing(figure, sensitivityFigure(results[0]!));
  }
  if (flags.json) printJson(results.length === 1 ? results[0] : { results });
  else {
    const { sensitivityCsv, sensitivityText } = await import('../../output/sensitivity-text.js');
    const { fitWidth } = await import('../../output/fit-width.js');
    if (flags.csv) printFile(sensitivityCsv(results));
    else print(fitWidth(results.map(sensitivityText).join('\n'), process.stdout.columns));
  }
}

const text = { type: 'string', requiresArg: true } as const;
const flag = { type: 'boolean', default: false } as const;

export const command: CommandModule<object, Flags> = {
  command: 'sensitivity',
  builder: (parser) =>
    parser
      .options({
        ...parameterOptions(),
        vary: {
          ...text,
          array: true,
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
        figure: { ...text, describe: 'draw it, as .svg or .png' },
        force: FORCE,
        jobs: JOBS,
        csv: { ...flag, describe: "the indices as CSV, with SALib's names" },
        json: { ...flag, describe: 'the answer as JSON' },
      })
      .example(
        '$0 --vary storage.write.latency=0.1ms..2ms:log --vary bitmaps=1..8',
        'which of the two decides',
      )
      .example('$0 --storage ceph-nvme --vary uncertainty', 'which figure to measure better'),
  handler,
};
