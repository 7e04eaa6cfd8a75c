/** `stopgap compare`: scenarios, sets of flags or results side by side. Which is best, and is it a difference at all? */
import type { Argv, CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import type { Tree } from '../../base/tree.js';
import { parseFraction } from '../../base/units.js';
import type { Shown } from '../../output/compare-text.js';
import type { Alternative } from '../../study/compare/compare.js';
import { isDirectory } from '../directory.js';
import { EXIT } from '../exit.js';
import { claimedFigure } from '../figure.js';
import { printFitted } from '../fitted.js';
import {
  isTold,
  resolveVaried,
  type SituationFlags,
  situationOptions,
  type Told,
  toldBy,
} from '../situation.js';
import { note } from '../stderr.js';
import { printFile, printJson } from '../stdout.js';
import { refuseTwoForms, type StudyFlags, study, studyOptions } from '../study.js';

interface Flags extends StudyFlags, SituationFlags {
  readonly things?: readonly string[] | undefined;
  readonly with?: readonly string[] | undefined;
  readonly metric: string;
  readonly 'fail-if'?: string | undefined;
  readonly threshold: string;
}

/** Scenario files, and the sets of `--with`, over the flags. */
async function alternativesOf(flags: Flags): Promise<readonly Alternative[]> {
  const { parseWith } = await import('../../study/compare/with.js');
  const judged = (await import('../../sim/strategies/lookup.js')).JUDGED.name;
  const files = flags.things ?? [];
  const sets = (flags.with ?? []).map(parseWith);
  // One strategy unless asked for others: alternatives of it are what is compared.
  const usual: Tree = files.length + sets.length > 0 ? { strategies: judged } : {};
  const alternatives: Alternative[] = [];
  const add = async (name: string, told: Told, settings: Tree): Promise<void> => {
    const named = isTold(told, 'strategies') || settings.strategies !== undefined;
    const resolved = await resolveVaried(told, { ...(named ? {} : usual), ...settings });
    for (const text of resolved.notes) note(`${name}: ${text}`);
    // A stack has a way of its own for the bitmaps: that is what is compared.
    const way = named || resolved.route === null ? {} : { strategies: [resolved.route] };
    alternatives.push({ name, resolved: { ...resolved, ...way } });
  };
  const scenarios = files.length === 0 ? [undefined] : files;
  const told: Told[] = [];
  for (const scenario of scenarios) told.push(await toldBy({ ...flags, scenario }));
  for (const each of told) await add(each.file ?? 'as asked', each, {});
  for (const { name, settings } of sets) await add(name, told[0]!, settings);
  return alternatives;
}

async function compareThings(flags: Flags): Promise<Shown> {
  const things = flags.things ?? [];
  const directories = things.filter(isDirectory);
  if (directories.length > 0) {
    if (directories.length < things.length || directories.length < 2 || flags.with)
      throw new InputError(
        `compare: ${directories[0]} is a directory; results are compared with results, two or more`,
      );
    const { compareDirectories } = await import('../../sweep/compare-results.js');
    const rows = compareDirectories(directories, flags.metric);
    const differing = rows.filter(({ change }) => change !== 'none').length;
    const sentence =
      differing === 0 ? 'no difference' : `${differing} of ${rows.length} differ from ${directories[0]}`;
    return { baseline: directories[0]!, metric: flags.metric, rows, sentence };
  }
  const [{ compare }, { metricOf }] = await Promise.all([
    import('../../study/compare/compare.js'),
    import('../../study/metric.js'),
  ]);
  const alternatives = await alternativesOf(flags);
  const indifference = Math.max(1e-6, thresholdOf(flags) || 0.01);
  const expected = alternatives.reduce(
    (sum, { resolved }) => sum + resolved.replications * resolved.strategies.length,
    0,
  );
  return study(flags, expected, (simulate) =>
    compare({ alternatives, metric: metricOf(flags.metric), indifference, simulate }),
  );
}

function thresholdOf(flags: Flags): number {
  return parseFraction(flags.threshold, '--threshold');
}

async function handler(flags: Flags): Promise<void> {
  refuseTwoForms(flags);
  if (flags['fail-if'] !== undefined && flags['fail-if'] !== 'worse')
    throw new InputError(`--fail-if: '${flags['fail-if']}' is not worse`);
  const threshold = thresholdOf(flags);
  const draw = await claimedFigure(flags);
  const result = await compareThings(flags);
  if (draw) {
    const { compareFigure } = await import('../../output/figures/compare.js');
    await draw(compareFigure(result));
  }
  const { compareCsv, compareText } = await import('../../output/compare-text.js');
  if (flags.json) printJson(result);
  else if (flags.csv) printFile(compareCsv(result));
  else await printFitted((table) => compareText(result, table));
  const { isWorse } = await import('../../study/compare/compared.js');
  if (flags['fail-if'] === 'worse' && result.rows.some((row) => isWorse(row, threshold)))
    process.exitCode = EXIT.no;
}

const text = { type: 'string', requiresArg: true } as const;

export const command: CommandModule<object, Flags> = {
  command: 'compare [things..]',
  builder: (parser) =>
    situationOptions(parser)
      .positional('things', {
        type: 'string',
        array: true,
        describe: 'scenario files, or directories of results; the first is the baseline',
      })
      .options({
        with: {
          ...text,
          array: true,
          nargs: 1,
          describe:
            'an alternative: path=value or flag=value over the baseline, several with commas; repeatable',
        },
        metric: { ...text, default: 'downtime_ms', describe: 'the column that is compared; less is better' },
        'fail-if': {
          ...text,
          describe: 'worse: exit 1 if one is worse than the baseline beyond the threshold and chance',
        },
        threshold: {
          ...text,
          default: '5%',
          describe: 'the smallest difference that matters, as a share of the baseline',
        },
        ...studyOptions('the rows as CSV'),
      })
      .example(
        '$0 --with what-if.load-early=on --with qemu=10.0',
        'two changes beside the situation as it is',
      )
      .example('$0 --strategy store-at-stop --strategy pre-flush', 'two strategies')
      .example(
        '$0 results/before results/after --fail-if worse',
        'in CI: exit 1 if it became worse',
      ) as Argv<Flags>,
  handler,
};
