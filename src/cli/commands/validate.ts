/** `stopgap validate`: predicts every measured row of a file and says how wrong the predictions are. */
import type { CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import { parseFraction } from '../../base/units.js';
import type { Drawing } from '../../output/figures/render.js';
import { EXIT } from '../exit.js';
import { claimedFigure, FIGURE, type FigureFlags } from '../figure.js';
import { printFitted } from '../fitted.js';
import { complain } from '../stderr.js';
import { printJson } from '../stdout.js';

interface Flags extends FigureFlags {
  measured: string;
  host: string;
  json: boolean;
  'min-ms': string;
  budget: string;
  'max-median': string | undefined;
  'max-p90': string | undefined;
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && Number.isFinite(value)))
    throw new InputError(`--min-ms: '${text}' is not a number of milliseconds of at least 0`);
  return value;
}

const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;

/** What misses its limit, in words; a measure that does not exist keeps none. */
function missed(value: number | null, what: string, flag: string, limit: string | undefined): string[] {
  if (limit === undefined) return [];
  const most = parseFraction(limit, flag);
  if (value !== null && value <= most) return [];
  return [
    `${what} ${value === null ? 'cannot be told' : `is ${percent(value)}`}, ${flag} allows ${percent(most)}`,
  ];
}

/** The predicted stops against the measured ones. */
async function drawingOf(rows: unknown): Promise<Drawing> {
  const { drawPredicted, predictedPoints } = await import('../../output/figures/predicted.js');
  const drawing = drawPredicted(predictedPoints(rows));
  if (!drawing) throw new InputError('--figure: this kind of file has no times to draw');
  return drawing;
}

async function handler(flags: Flags): Promise<void> {
  const [{ anyHost, loadHost }, { validate }, { readMeasuredFile, readSiblings }, { parseBudget }] =
    await Promise.all([
      import('../../lab/host.js'),
      import('../../lab/validate/registry.js'),
      import('../../lab/validate/siblings.js'),
      import('../../input/values/kinds.js'),
    ]);
  const options = {
    minMs: milliseconds(flags['min-ms']),
    budgetMs: parseBudget(flags.budget, '--budget') / 1e6,
  };
  for (const [flag, limit] of [
    ['--max-median', flags['max-median']],
    ['--max-p90', flags['max-p90']],
  ] as const)
    if (limit !== undefined) parseFraction(limit, flag);
  const draw = await claimedFigure(flags);
  const text = readMeasuredFile(flags.measured);
  if (text === undefined)
    throw new InputError(`${flags.measured}: no such file; a CSV file of measured rows is needed`);
  const prior = await anyHost();
  const report = validate(
    text,
    flags.measured,
    { ...options, host: flags.host === 'auto' ? 'auto' : await loadHost(flags.host, '--host'), prior },
    readSiblings(flags.measured),
  );
  const misses = [
    ...missed(report.medianApe, 'the median error', '--max-median', flags['max-median']),
    ...missed(report.p90Ape, 'the p90 of the errors', '--max-p90', flags['max-p90']),
  ];
  if (flags.json) printJson({ kind: report.kind, ...report.json });
  else {
    const { numberColumns } = await import('../../output/table.js');
    const { columns, rows } = report.table;
    await printFitted((table) => `${table(numberColumns(columns), rows)}\n\n${report.remarks.join('\n')}\n`);
  }
  await draw?.(await drawingOf(report.json.rows));
  for (const miss of misses) complain(miss);
  if (misses.length > 0 || report.mismatches > 0) process.exitCode = EXIT.no;
}

export const command: CommandModule<object, Flags> = {
  command: 'validate <measured>',
  builder: (parser) =>
    parser
      .positional('measured', {
        type: 'string',
        demandOption: true,
        describe: 'CSV of real QEMU stops (columns: results/validation/README.md)',
      })
      .option('host', {
        type: 'string',
        default: 'lab',
        requiresArg: true,
        describe:
          'the machine the rows were measured on: a host preset or its file; auto: from rows marked for_host, else for each configuration from the others',
      })
      .option('min-ms', {
        type: 'string',
        default: '30',
        requiresArg: true,
        describe: 'leave shorter measured stops out of the percentages',
      })
      .option('budget', {
        type: 'string',
        default: '300ms',
        requiresArg: true,
        describe: 'verdicts are "over or under this": a time, or a name as `ask` takes it',
      })
      .option('max-median', {
        type: 'string',
        requiresArg: true,
        describe: 'exit 1 if the median error is above this, such as 2%',
      })
      .option('max-p90', {
        type: 'string',
        requiresArg: true,
        describe: 'exit 1 unless 9 in 10 errors are below this, such as 5%',
      })
      .options({
        ...FIGURE,
        figure: { ...FIGURE.figure, describe: 'draw predicted against measured into this .svg or .png' },
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'the errors as JSON; fractions, not percent',
      }),
  handler,
};
