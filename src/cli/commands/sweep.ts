/** `stopgap sweep`: runs what is missing of an experiment, to CSV and figures. */
import { availableParallelism } from 'node:os';
import type { CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import type { SweepAnswer } from '../../output/sweep-text.js';
import type { Experiment, Overrides } from '../../sweep/experiment/experiment.js';
import type { Recorded } from '../../sweep/results/record.js';
import type { Plan } from '../../sweep/run/plan.js';
import type { Shard } from '../../sweep/run/shard.js';
import { dryRun } from '../dry-run.js';
import { EXIT } from '../exit.js';
import { outputWidth } from '../fitted.js';
import { listCommands } from '../list-commands.js';
import { claimArchive, RESULTS_FILES, type ResultsFlags, writeArchive } from '../results-files.js';
import { parseShard } from '../shard.js';
import { complain, note, noteNow } from '../stderr.js';
import { print, printFile, printJson } from '../stdout.js';
import { wholeNumber } from '../whole-number.js';

interface Flags extends ResultsFlags {
  experiment: string;
  out: string | undefined;
  jobs: string | undefined;
  shard: string | undefined;
  quick: boolean;
  'dry-run': boolean;
  'list-commands': string | undefined;
  precision: string | undefined;
  replications: string | undefined;
  seed: string | undefined;
  axis: string[] | undefined;
  set: string[] | undefined;
  columns: string | undefined;
  figures: boolean;
  json: boolean;
}

/** The columns that are to be written; undefined: all. */
async function columnsAsked({ columns, shard }: Flags, experiment: Experiment) {
  if (columns === undefined) return undefined;
  if (shard !== undefined) throw new InputError('--columns: shards are merged by all of their columns');
  const [{ columnsOf }, { didYouMean }] = await Promise.all([
    import('../../sweep/results/rows.js'),
    import('../../input/values/suggest.js'),
  ]);
  const known = columnsOf(experiment).map(({ name }) => name);
  const asked = columns.split(',').map((name) => name.trim());
  for (const name of asked)
    if (!known.includes(name))
      throw new InputError(`--columns: there is no column '${name}'${didYouMean(name, known)}`);
  return new Set(asked);
}

function overridesOf(flags: Flags): Overrides {
  const { axis, set, precision, replications, seed, quick } = flags;
  return {
    ...(quick ? { quick } : {}),
    ...(axis ? { axis } : {}),
    ...(set ? { set } : {}),
    ...(precision === undefined ? {} : { precision }),
    ...(replications === undefined
      ? {}
      : { replications: wholeNumber(replications, 'replications', 1, 1e6) }),
    ...(seed === undefined ? {} : { seed: wholeNumber(seed, 'seed', 0, Number.MAX_SAFE_INTEGER) }),
  };
}

function defaultOut(name: string, flags: Pick<Flags, 'quick'>, shard: Shard): string {
  const part = shard.of === 1 ? '' : `.shard-${shard.index}-of-${shard.of}`;
  return `results/${name}${flags.quick ? '-quick' : ''}${part}`;
}

/**
 * Ctrl-C asks for an end with everything kept, as do the SIGTERM of a cluster that wants its node back and the SIGHUP of
 * a terminal that was closed; a second one ends at once. (The first process of a container would not even notice SIGTERM without this.)
 * Returns what ends the listening.
 */
function onInterrupt(controller: AbortController): () => void {
  // With the terminal, stderr is gone: what is said there is lost, but the rows are not. Heard until the program ends.
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {});
  const end = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, end);
  return () => {
    for (const signal of SIGNALS) process.off(signal, end);
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Recording {
  readonly plan: Plan;
  readonly shard: Shard;
  readonly jobs: number;
  readonly out: string;
  readonly columns: ReadonlySet<string> | undefined;
  readonly parquet: boolean;
  readonly isSlow: boolean;
}

async function record({ jobs, out, isSlow, ...parts }: Recording, signal: AbortSignal): Promise<Recorded> {
  const [{ sweepExecutor }, { recordInto, recordTo }, { sweepProgress }] = await Promise.all([
    import('../../sweep/run/executor.js'),
    import('../../sweep/results/record.js'),
    import('../sweep-progress.js'),
  ]);
  const executor = sweepExecutor(jobs, isSlow);
  const bar = await sweepProgress();
  const options = {
    ...parts,
    executor,
    signal,
    progress: bar.update,
    lock: { note: noteNow },
  };
  try {
    if (out === '-') return await recordTo((text) => printFile(text.slice()), options);
    return await recordInto(out, options);
  } finally {
    bar.stop();
    await executor.close();
  }
}

const filesOf = ({ columns, figures, shard }: Flags): string =>
  columns === undefined
    ? `runs.csv summary.csv${figures && !shard ? ' report.html figures/' : ''}`
    : 'runs.csv';

async function report(done: Recorded, out: string, flags: Flags, told: SweepAnswer): Promise<void> {
  for (const text of done.notes) note(text);
  for (const failure of done.failures) complain(`a run failed: ${failure}`);
  if (!done.finished) {
    const how = out === '-' ? '' : `; the same command goes on where it stopped`;
    complain(`interrupted, ${done.rows} rows are kept in ${out}${how}`);
    process.exitCode = EXIT.interrupted;
    return;
  }
  if (done.failures.length > 0) process.exitCode = EXIT.no;
  if (out === '-') return;
  if (flags.json) {
    printJson({ out, ...done, ...told });
    return;
  }
  const known = done.rows - done.fresh;
  const written = `${out}: ${done.rows} rows${known > 0 ? `, ${Math.max(0, known)} of them known already` : ''}: ${filesOf(flags)}`;
  const { sweepText } = await import('../../output/sweep-text.js');
  print(`${sweepText(told, outputWidth())}${written}\n`);
  if (done.keptRows > 0) note(`${done.keptRows} rows of an earlier plan are kept in ${out}/runs.kept.csv`);
}

async function handler(flags: Flags): Promise<void> {
  const [{ makeExperiment, readExperimentFile }, { checkPoints, makePlan }, { checkFigures }] =
    await Promise.all([
      import('../../sweep/experiment/experiment.js'),
      import('../../sweep/run/plan.js'),
      import('../../output/figures/check.js'),
    ]);
  const shard = parseShard(flags.shard);
  const jobs = flags.jobs === undefined ? availableParallelism() : wholeNumber(flags.jobs, 'jobs', 1, 512);
  const experiment = makeExperiment(await readExperimentFile(flags.experiment), overridesOf(flags));
  checkFigures(experiment);
  const plan = await makePlan(experiment);
  const { isSlow } = await checkPoints(plan);
  const out = flags.out ?? defaultOut(experiment.name, flags, shard);
  if (flags['dry-run']) return dryRun({ plan, shard, jobs, out }, flags);
  if (flags['list-commands'] !== undefined)
    return listCommands(experiment, { ...flags, of: flags['list-commands'], out });
  const columns = await columnsAsked(flags, experiment);
  const parquet = flags.format === 'parquet';
  if (out === '-' && (parquet || flags.archive !== undefined))
    throw new InputError('--out -: rows alone go to stdout; --format and --archive need a directory');
  if (shard.of > 1 && flags.archive !== undefined)
    throw new InputError('--archive: a shard is no whole result; give it to stopgap merge');
  const archive = await claimArchive(flags, [flags.experiment]);
  const controller = new AbortController();
  const unlisten = onInterrupt(controller);
  try {
    const done = await record({ plan, shard, jobs, out, columns, parquet, isSlow }, controller.signal);
    let told: SweepAnswer = { answer: [] };
    if (done.finished && flags.figures && out !== '-' && shard.of === 1 && columns === undefined) {
      const { plotDirectory } = await import('../../output/figures/plot-directory.js');
      const { finding, answer, note: cut } = await plotDirectory(out);
      if (cut !== '') note(cut);
      told = { answer, ...(finding !== undefined && { finding }) };
    }
    if (done.finished && done.failures.length === 0) await writeArchive(archive, out);
    await report(done, out, flags, told);
  } finally {
    unlisten();
  }
}

export const command: CommandModule<object, Flags> = {
  command: 'sweep <experiment>',
  builder: (parser) =>
    parser
      .positional('experiment', {
        type: 'string',
        demandOption: true,
        describe: 'experiment file (YAML), or the number of a shipped one',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        describe: 'results directory, or - for CSV on stdout (default results/<name>)',
      })
      .option('jobs', {
        alias: 'j',
        type: 'string',
        requiresArg: true,
        describe: 'worker threads (default: one per processor)',
      })
      .option('shard', {
        type: 'string',
        requiresArg: true,
        describe:
          'only this part of the plan, e.g. 2/3 (auto: as the array job says); `stopgap merge` joins the parts',
      })
      .option('quick', { type: 'boolean', default: false, describe: "the experiment's small size" })
      .option('axis', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'replace or add an axis: disk.size=1T,4T,16T',
      })
      .option('set', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'path=value, over the base',
      })
      .option('replications', { type: 'string', requiresArg: true, describe: 'runs of every point' })
      .option('precision', {
        type: 'string',
        requiresArg: true,
        describe: 'replications until the 95 % half-width is within this share of the mean, e.g. 5%',
      })
      .option('seed', { type: 'string', requiresArg: true, describe: 'seed of all random numbers' })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'print points, what is still to be run of them, time and memory; run nothing',
      })
      .option('columns', {
        type: 'string',
        requiresArg: true,
        describe:
          'only these columns of runs.csv, with commas: no summary, no figures, and no going on later',
      })
      .options(RESULTS_FILES)
      .option('list-commands', {
        type: 'string',
        requiresArg: true,
        describe:
          'run nothing, print so many commands, one a line, that do the sweep in as many shards, and the merge',
      })
      .option('figures', { type: 'boolean', default: true, describe: 'draw the figures when done' })
      .option('json', { type: 'boolean', default: false, describe: 'the outcome as JSON' }),
  handler,
};
