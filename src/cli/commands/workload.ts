/** `stopgap workload <trace>`: what recorded writes do to dirty bitmaps. */
import type { Argv, CommandModule } from 'yargs';
import { isPowerOfTwo } from '../../base/power-of-two.js';
import { claimOutput, FORCE, type Output } from '../../files/output.js';
import type { WorkloadFit } from '../../traces/fit/fit.js';
import type { FitObserver } from '../../traces/fit/observer.js';
import type { WorkloadStatistics } from '../../traces/statistics/statistics.js';
import type { Trace } from '../../traces/trace.js';
import { printFitted } from '../fitted.js';
import { note } from '../stderr.js';
import { printPieces } from '../stdout.js';

interface Arguments {
  trace: string[];
  granularity: string;
  chunk: string;
  window: string;
  format: string;
  device?: string | undefined;
  discards: boolean;
  'skip-bad': boolean;
  reorder: string;
  json: boolean;
  csv: boolean;
  fit?: string | undefined;
  figures?: string | undefined;
  force: boolean;
}

/** Chunk sizes that the table and the figures show besides the one asked for. */
const SHOWN_CHUNKS_BYTES = [512, 4096, 65536];

/** File names of the figures. */
const FIGURES = ['first-touches', 'stale-chunks'] as const;

/** Below this, a duration known to a second makes the rate uncertain by more than 2 %. */
const ROUGH_RATE_NS = 50e9;

const options = (yargs: Argv): Argv<Arguments> =>
  yargs
    .positional('trace', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'the trace: one file (gzip is unpacked), or several of one format that belong together',
    })
    .option('granularity', { type: 'string', default: '64k', describe: 'disk bytes per bit' })
    .option('chunk', { type: 'string', default: '64k', describe: 'bitmap bytes per chunk' })
    .option('window', { type: 'string', default: '1s', describe: 'length of a window' })
    .option('format', {
      type: 'string',
      default: 'auto',
      describe: 'format, where the file does not show it; ascii:ms:512:512 names the units',
    })
    .option('device', { type: 'string', describe: "only this device's requests" })
    .option('discards', {
      type: 'boolean',
      default: false,
      describe: 'discards set bits too (discard=unmap)',
    })
    .option('skip-bad', {
      type: 'boolean',
      default: false,
      describe: 'leave out lines the format does not allow, and count them',
    })
    .option('reorder', { type: 'string', default: '65536', describe: 'records held back to sort by time' })
    .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
    .option('csv', {
      type: 'boolean',
      default: false,
      describe: 'print one CSV row per window',
    })
    .option('fit', { type: 'string', describe: 'write a synthetic workload like this trace to a YAML file' })
    .option('force', FORCE)
    .option('figures', {
      type: 'string',
      describe: 'write first-touches and stale-chunks, SVG and PNG, to this folder',
    });

async function handler(args: Arguments): Promise<void> {
  const { InputError } = await import('../../base/errors.js');
  const { parseSize, parseTime } = await import('../../base/units.js');
  if (args.json && args.csv) throw new InputError('--csv: not together with --json; give one of them');
  const powerOfTwo = (text: string, flag: string, least: number): number => {
    const bytes = parseSize(text, flag);
    if (bytes < least || bytes > 2 ** 31 || !isPowerOfTwo(bytes))
      throw new InputError(`${flag}: '${text}' is not a power of two from ${least} to 2G`);
    return bytes;
  };
  const granularityBytes = powerOfTwo(args.granularity, '--granularity', 512);
  const chunkBytes = powerOfTwo(args.chunk, '--chunk', 64);
  const windowNs = parseTime(args.window, '--window');
  if (windowNs === 0) throw new InputError(`--window: '${args.window}' is not a time above 0`);
  const reorderRecords = /^[1-9]\d{0,8}$/.test(args.reorder) ? Number(args.reorder) : Number.NaN;
  if (Number.isNaN(reorderRecords))
    throw new InputError(`--reorder: '${args.reorder}' is not a number of records such as 65536`);

  const { fit: fitTo, figures } = await claimed(args);
  const { stats, trace, observer } = await measured(args, {
    granularityBytes,
    chunkBytes,
    windowNs,
    reorderRecords,
  });
  for (const line of warnings(args.trace[0]!, trace, stats)) note(line);
  const fit = observer && fitTo && (await writeFit(fitTo, args.trace[0]!, stats, observer));
  if (figures) await draw(figures, args.trace[0]!, stats, fit);
  await report(args, stats);
}

/** The files to be written, each refused before the trace is read. */
async function claimed(args: Arguments) {
  const rules = { force: args.force, inputs: args.trace };
  const fit =
    args.fit === undefined
      ? undefined
      : claimOutput(args.fit, {
          ...rules,
          flag: '--fit',
          mark: (await import('../../output/workload-yaml.js')).WORKLOAD_MARK,
        });
  const figures =
    args.figures === undefined
      ? undefined
      : (await import('../../output/figures/write-figure.js')).claimFolder(args.figures, FIGURES, {
          ...rules,
          flag: '--figures',
        });
  return { fit, figures };
}

interface Measures {
  readonly granularityBytes: number;
  readonly chunkBytes: number;
  readonly windowNs: number;
  readonly reorderRecords: number;
}

/** Reads the trace, with a progress bar over the bytes of its files. */
async function measured(args: Arguments, measures: Measures) {
  const { openTrace } = await import('../../traces/trace.js');
  const { measureWorkload } = await import('../../traces/statistics/statistics.js');
  const { withProgress } = await import('../progress.js');
  const { stat } = await import('node:fs/promises');
  // A file that cannot be read counts as empty here: its reader says what is wrong with it.
  const sizes = args.trace.map((path) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  const mebibytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 2 ** 20;
  const { granularityBytes, chunkBytes, windowNs, reorderRecords } = measures;
  const several = args.figures !== undefined || !(args.json || args.csv);
  return withProgress('MiB', async (tick) => {
    let read = 0;
    const trace = await openTrace(args.trace, {
      format: args.format,
      skipBad: args['skip-bad'],
      reorderRecords,
      onBytes: (bytes) => tick(Math.round((read += bytes) / 2 ** 20), Math.ceil(mebibytes)),
    });
    const observer =
      args.fit === undefined ? undefined : await observerOf(trace, granularityBytes, args.device);
    const stats = await measureWorkload(
      trace,
      {
        granularityBytes,
        chunksBytes: [
          chunkBytes,
          ...(several ? SHOWN_CHUNKS_BYTES.filter((bytes) => bytes !== chunkBytes) : []),
        ],
        windowNs,
        device: args.device,
        discards: args.discards,
      },
      observer && ((batch) => observer.take(batch)),
    );
    return { stats, trace, observer };
  });
}

function warnings(path: string, trace: Trace, stats: WorkloadStatistics): string[] {
  const { windowNs } = stats.options;
  const lines = trace.notes.map((note) => `${path}: ${note}`);
  if (trace.skipped.count > 0)
    lines.push(`left out ${trace.skipped.count} bad lines or records, first ${trace.skipped.first}`);
  if (trace.format.wholeSeconds && stats.durationNs < ROUGH_RATE_NS)
    lines.push(
      `${path}: has whole seconds only, and ${stats.durationNs / 1e9 + 1} of them; its rate is rough (duration counts from the first to the last)`,
    );
  if (trace.format.wholeSeconds && windowNs % 1e9 !== 0)
    lines.push(
      `${path}: has whole seconds only, its records are spread evenly; windows of parts of a second show that, not the guest`,
    );
  return lines;
}

async function observerOf(
  trace: Trace,
  granularityBytes: number,
  device: string | undefined,
): Promise<FitObserver> {
  const { FitObserver } = await import('../../traces/fit/observer.js');
  const { names } = trace.devices;
  return new FitObserver(granularityBytes, (index) => device === undefined || names[index] === device);
}

async function writeFit(
  output: Output,
  tracePath: string,
  stats: WorkloadStatistics,
  seen: FitObserver,
): Promise<WorkloadFit> {
  const { basename } = await import('node:path');
  const { fitWorkload } = await import('../../traces/fit/fit.js');
  const { workloadYaml } = await import('../../output/workload-yaml.js');
  const name = basename(tracePath);
  const fit = fitWorkload(stats, seen, name);
  output.write(workloadYaml(fit, stats, name));
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  note(
    `${output.path}: first-touch curve off by at most ${percent(fit.overWrites.worst)} of the footprint over the count of writes, ` +
      `${percent(fit.overTime.worst)} over time (mean ${percent(fit.overWrites.mean)}, ${percent(fit.overTime.mean)}); ` +
      `chunks touched first per window ${fit.chunksPerWindow.trace.toFixed(2)} in the trace, ${fit.chunksPerWindow.fit.toFixed(2)} in the fit; ` +
      `first touches in one window of a hundred ${fit.busyWindow.trace} in the trace, ${fit.busyWindow.fit} in the fit`,
  );
  return fit;
}

async function draw(
  outputs: ReadonlyMap<string, readonly Output[]>,
  path: string,
  stats: WorkloadStatistics,
  fit: WorkloadFit | undefined,
): Promise<void> {
  const { basename } = await import('node:path');
  const { firstTouchesFigure } = await import('../../output/figures/first-touches.js');
  const { staleChunksFigure } = await import('../../output/figures/stale-chunks.js');
  const { renderSvg } = await import('../../output/figures/render.js');
  const { writeFigure } = await import('../../output/figures/write-figure.js');
  const name = basename(path);
  const fitted = fit && { label: 'the fit', granules: fit.curve };
  const svgs: Record<(typeof FIGURES)[number], string> = {
    'first-touches': await renderSvg(firstTouchesFigure(stats, name, fitted)),
    'stale-chunks': await renderSvg(staleChunksFigure(stats, name)),
  };
  for (const figure of FIGURES)
    for (const output of outputs.get(figure)!) await writeFigure(output, svgs[figure]);
}

async function report(args: Arguments, stats: WorkloadStatistics): Promise<void> {
  if (args.json || args.csv) {
    const { workloadCsv, workloadJson } = await import('../../output/workload.js');
    await printPieces(args.json ? workloadJson(stats) : workloadCsv(stats));
    return;
  }
  const { workloadTable } = await import('../../output/tables/workload.js');
  await printFitted((table) => workloadTable(stats, table));
}

export const command: CommandModule<object, Arguments> = {
  command: 'workload <trace..>',
  builder: options,
  handler,
};
