/** `stopgap solve`: the question turned round. How large, how many, how fast may it be? */
import type { Argv, CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import type { Drawing } from '../../output/figures/render.js';
import type { Frontier } from '../../study/solve/frontier.js';
import type { Quantity } from '../../study/solve/quantity.js';
import type { Solved } from '../../study/solve/solved.js';
import { EXIT } from '../exit.js';
import { claimedFigure } from '../figure.js';
import { printFitted } from '../fitted.js';
import {
  isTold,
  resolveTold,
  resolveVaried,
  type SituationFlags,
  scenarioPositional,
  situationOptions,
  type Told,
  toldBy,
} from '../situation.js';
import { printFile, printJson } from '../stdout.js';
import { refuseTwoForms, type StudyFlags, study, studyOptions } from '../study.js';
import { wholeNumber } from '../whole-number.js';

interface Flags extends StudyFlags, SituationFlags {
  readonly quantity: string;
  readonly allowed?: string | undefined;
  readonly quantile?: string | undefined;
  readonly points: string;
}

const POINTS_MAX = 1000;
/** What a search takes as a rule; the bar counts on if one takes more. */
const USUAL_RUNS = 700;

interface Result {
  readonly resolved: Resolved;
  readonly roots: readonly Solved[];
  readonly frontiers: readonly Frontier[];
}

/** With a usual value for a quantity that others need: it is searched, so it need not be given. */
async function withNeeded(told: Told, quantities: readonly Quantity[]): Promise<Told> {
  const { isNeeded, textAt } = await import('../../study/solve/quantity.js');
  const missing = quantities.filter((each) => isNeeded(each) && !isTold(told, each.parameter.path));
  const usual = missing.map((each) => [each.parameter.path, textAt(each, each.steps.usual)]);
  return { ...told, settings: { ...told.settings, ...Object.fromEntries(usual) } };
}

async function solveAll(flags: Flags): Promise<Result> {
  const { quantitiesOf, solveStrategies } = await import('../../study/solve/ask.js');
  const quantities = quantitiesOf(flags.quantity);
  const told = await withNeeded(await toldBy(flags), quantities);
  const resolved = await resolveTold(told);
  const points = wholeNumber(flags.points, 'points', 2, POINTS_MAX);
  const question = {
    quantities,
    quantile: flags.quantile,
    points,
    replications: isTold(told, 'replications') ? resolved.replications : undefined,
  };
  const situation = (settings: Readonly<Record<string, string>>) => resolveVaried(told, settings);
  const searches = resolved.strategies.length * (quantities.length > 1 ? points : 1);
  return study(flags, USUAL_RUNS * searches, async (simulate) => ({
    resolved,
    ...(await solveStrategies(resolved, question, situation, simulate)),
  }));
}

async function drawingOf({ roots, frontiers }: Result): Promise<Drawing> {
  return frontiers.length > 0
    ? (await import('../../output/figures/frontier.js')).frontierFigure(frontiers)
    : (await import('../../output/figures/response.js')).responseFigure(roots);
}

async function handler(flags: Flags): Promise<void> {
  refuseTwoForms(flags);
  if (flags.allowed !== undefined && flags.quantile !== undefined)
    throw new InputError('--quantile: not together with --allowed, which says the same');
  const draw = await claimedFigure(flags);
  const result = await solveAll(flags);
  await draw?.(await drawingOf(result));
  const { roots, frontiers } = result;
  if (flags.json) {
    if (frontiers.length > 0) printJson({ frontiers });
    else printJson(roots.length === 1 ? roots[0] : { roots });
  } else if (flags.csv) {
    const { frontierCsv, solvedCsv } = await import('../../output/solve-csv.js');
    printFile(frontiers.length > 0 ? frontierCsv(frontiers) : solvedCsv(roots));
  } else {
    const { frontierText, solvedText } = await import('../../output/solve-text.js');
    await printFitted((table) =>
      frontiers.length > 0 ? frontierText(result.resolved, frontiers, table) : solvedText(roots, table),
    );
  }
  const all = [...roots, ...frontiers.flatMap(({ points }) => points)];
  if (all.every(({ value }) => value === null)) process.exitCode = EXIT.no;
}

const text = { type: 'string', requiresArg: true } as const;

export const command: CommandModule<object, Flags> = {
  command: 'solve <quantity> [scenario]',
  builder: (parser) =>
    scenarioPositional(situationOptions(parser))
      .positional('quantity', {
        type: 'string',
        demandOption: true,
        describe:
          'a parameter with numbers, by its flag or path (disk, bitmaps, flush-latency, …); two: the frontier',
      })
      .options({
        quantile: {
          ...text,
          describe: 'instead of --allowed: this quantile of the stop fits the budget, such as p95 or p99',
        },
        points: { ...text, default: '9', describe: 'of two quantities: how many values of the first' },
        ...studyOptions('every setting looked at, as CSV'),
      })
      .example('$0 disk --storage ceph-nvme --strategy store-at-stop', 'the largest disk that fits there')
      .example('$0 flush-latency --budget 500ms --quantile p99', 'what the storage must do')
      .example(
        '$0 disk,bitmaps --strategy store-at-stop',
        'how many bitmaps, for each size of disk',
      ) as Argv<Flags>,
  handler,
};
