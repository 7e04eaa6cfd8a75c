/** `stopgap solve`: the question turned round. How large, how many, how fast may it be? */
import type { CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import { FORCE, type Output } from '../../files/output.js';
import type { Resolved } from '../../input/resolve.js';
import type { Frontier } from '../../study/solve/frontier.js';
import type { Solved } from '../../study/solve/solved.js';
import { EXIT } from '../exit.js';
import { overridesFromArgv, parameterOptions } from '../parameter-options.js';
import { JOBS, withSimulations } from '../simulations.js';
import { note } from '../stderr.js';
import { print, printFile, printJson } from '../stdout.js';

type Flags = Record<string, unknown> & {
  readonly quantity: string;
  readonly allowed?: string | undefined;
  readonly quantile?: string | undefined;
  readonly points: string;
  readonly figure?: string | undefined;
  readonly force: boolean;
  readonly jobs?: string | undefined;
  readonly csv: boolean;
  readonly json: boolean;
};

/** What a search takes as a rule; the bar counts on if one takes more. */
const USUAL_RUNS = 700;

interface Result {
  readonly resolved: Resolved;
  readonly roots: readonly Solved[];
  readonly frontiers: readonly Frontier[];
}

async function solveAll(flags: Flags): Promise<Result> {
  const [{ resolveTree }, { quantitiesOf, solveStrategies }, { withProgress }] = await Promise.all([
    import('../../input/resolve.js'),
    import('../../study/solve/ask.js'),
    import('../progress.js'),
  ]);
  const overrides = overridesFromArgv(flags);
  const quantities = quantitiesOf(flags.quantity);
  const resolved = await resolveTree({}, overrides);
  for (const text of resolved.notes) note(text);
  const { quantile, points } = flags;
  const question = {
    quantities,
    quantile,
    points,
    replications: overrides.replications === undefined ? undefined : resolved.replications,
  };
  const situation = (settings: Readonly<Record<string, string>>) =>
    resolveTree({}, { ...overrides, ...settings });
  return withProgress('runs', (tick) => {
    const most = USUAL_RUNS * resolved.strategies.length * (quantities.length > 1 ? Number(points) || 1 : 1);
    return withSimulations(
      flags.jobs,
      (done) => tick(done, Math.max(most, Math.ceil(done * 1.05))),
      async (simulate) => ({
        resolved,
        ...(await solveStrategies(resolved, question, situation, simulate)),
      }),
    );
  });
}

async function claim(flags: Flags): Promise<Output | undefined> {
  if (flags.figure === undefined) return undefined;
  const { claimFigure } = await import('../../output/figures/write-figure.js');
  const texts = Object.values(flags).filter((value) => typeof value === 'string');
  return claimFigure(flags.figure, {
    flag: '--figure',
    force: flags.force,
    inputs: texts.filter((text) => text !== flags.figure),
  });
}

async function draw(output: Output, { roots, frontiers }: Result): Promise<void> {
  const { writeDrawing } = await import('../../output/figures/write-figure.js');
  const drawing =
    frontiers.length > 0
      ? (await import('../../output/figures/frontier.js')).frontierFigure(frontiers)
      : (await import('../../output/figures/response.js')).responseFigure(roots);
  await writeDrawing(output, drawing);
}

async function handler(flags: Flags): Promise<void> {
  if (flags.json && flags.csv) throw new InputError('--csv: not together with --json; give one of them');
  if (flags.allowed !== undefined && flags.quantile !== undefined)
    throw new InputError('--quantile: not together with --allowed, which says the same');
  const figure = await claim(flags);
  const result = await solveAll(flags);
  if (figure) await draw(figure, result);
  const { roots, frontiers } = result;
  if (flags.json) {
    if (frontiers.length > 0) printJson({ frontiers });
    else printJson(roots.length === 1 ? roots[0] : { roots });
  } else if (flags.csv) {
    const { frontierCsv, solvedCsv } = await import('../../output/solve-csv.js');
    printFile(frontiers.length > 0 ? frontierCsv(frontiers) : solvedCsv(roots));
  } else {
    const { frontierText, solvedText } = await import('../../output/solve-text.js');
    const text = frontiers.length > 0 ? frontierText(result.resolved, frontiers) : solvedText(roots);
    print((await import('../../output/fit-width.js')).fitWidth(text, process.stdout.columns));
  }
  const all = [...roots, ...frontiers.flatMap(({ points }) => points)];
  if (all.every(({ value }) => value === null)) process.exitCode = EXIT.no;
}

const text = { type: 'string', requiresArg: true } as const;
const flag = { type: 'boolean', default: false } as const;

export const command: CommandModule<object, Flags> = {
  command: 'solve <quantity>',
  builder: (parser) =>
    parser
      .positional('quantity', {
        type: 'string',
        demandOption: true,
        describe:
          'a parameter with numbers, by its flag or path (disk, bitmaps, flush-latency, …); two: the frontier',
      })
      .options({
        ...parameterOptions(),
        quantile: {
          ...text,
          describe: 'instead of --allowed: this quantile of the stop fits the budget, such as p95 or p99',
        },
        points: { ...text, default: '9', describe: 'of two quantities: how many values of the first' },
        figure: { ...text, describe: 'draw it, as .svg or .png' },
        force: FORCE,
        jobs: JOBS,
        csv: { ...flag, describe: 'every setting looked at, as CSV' },
        json: { ...flag, describe: 'the answer as JSON' },
      })
      .example('$0 disk --storage ceph-nvme --strategy store-at-stop', 'the largest disk that fits there')
      .example('$0 flush-latency --budget 500ms --quantile p99', 'what the storage must do')
      .example('$0 disk,bitmaps --strategy store-at-stop', 'how many bitmaps, for each size of disk'),
  handler,
};
