import type { Argv, CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import { isPowerOfTwo } from '../../base/power-of-two.js';
import { claimOutput, FORCE } from '../../files/output.js';
import type { HandoverMode } from '../../lab/qemu/handover.js';
import type { Situation, StoragePlace } from '../../lab/qemu/store.js';
import { printFitted } from '../fitted.js';
import type { MeasureDisksFlags } from '../measure-disks.js';
import { ANY_HOST } from '../measure-host.js';
import { measurePlay, PLAY_OPTIONS, type PlayFlags, playAsked } from '../measure-plays.js';
import { printJson } from '../stdout.js';

/** What describes the disks, where they are alike; given one by one they are told as `ask` is told of them. */
interface DiskArgs {
  readonly 'data-file': 'off' | 'on' | 'raw';
  readonly disk: string;
  readonly disks: number;
  readonly cluster: string;
  readonly granularity: string;
  readonly bitmaps: number;
  readonly dirty: string;
  readonly 'dirty-layout': 'uniform' | 'prefix' | 'clustered';
  readonly discard: 'on' | 'off';
}

/** In place of what is left out of them. */
const STANDARD: DiskArgs = {
  'data-file': 'off',
  disk: '1T',
  disks: 1,
  cluster: '64k',
  granularity: '64k',
  bitmaps: 1,
  dirty: '100%',
  'dirty-layout': 'uniform',
  discard: 'on',
};

interface MeasureArgs extends DiskArgs, PlayFlags {
  readonly dir?: string;
  readonly 'nbdkit-delay'?: string;
  readonly 'trim-delay'?: string;
  readonly 'data-delay'?: string;
  readonly cache: 'none' | 'writeback';
  readonly preallocated: boolean;
  readonly destination: boolean;
  readonly stream: boolean;
  readonly repeats: number;
  readonly host: string;
  readonly seed: number;
  readonly csv?: string;
  readonly force: boolean;
  readonly json: boolean;
}

export const command: CommandModule<object, GivenArgs & MeasureDisksFlags> = {
  command: 'measure [dir]',
  builder: (yargs: Argv<object>) => options(yargs) as Argv<GivenArgs & MeasureDisksFlags>,
  handler: async (args) => {
    const { guarded } = await import('../guarded.js');
    await guarded('measure', () => run(args));
  },
};

const DATA_FILE = {
  'data-file': {
    choices: ['off', 'on', 'raw'] as const,
    defaultDescription: STANDARD['data-file'],
    describe:
      "keep the guest's data in a file of its own, the bitmaps in the qcow2 file beside it; raw: data_file_raw",
  },
  'data-delay': {
    type: 'string',
    describe: 'with --nbdkit-delay and --data-file: the delay of the data (default: none)',
  },
} as const;

/** What the disks are. */
const DISKS = {
  disk: {
    type: 'string',
    defaultDescription: STANDARD.disk,
    describe:
      'virtual size of each disk (sparse); given again, or with values of its own as `ask` takes them, one of several',
  },
  scenario: {
    type: 'string',
    describe: 'scenario file whose disks are measured, each file on a volume with its flush-latency',
  },
  set: {
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'path=value over the scenario file; repeatable',
  },
  disks: { type: 'number', defaultDescription: String(STANDARD.disks), describe: 'disks, all alike' },
  cluster: { type: 'string', defaultDescription: STANDARD.cluster, describe: 'qcow2 cluster size' },
  granularity: { type: 'string', defaultDescription: STANDARD.granularity, describe: 'disk bytes per bit' },
  bitmaps: {
    type: 'number',
    defaultDescription: String(STANDARD.bitmaps),
    describe: 'persistent bitmaps per disk',
  },
  dirty: {
    type: 'string',
    defaultDescription: STANDARD.dirty,
    describe: 'set bits of each bitmap: a share (30%) or a number (50000)',
  },
  'dirty-layout': {
    choices: ['uniform', 'prefix', 'clustered'] as const,
    defaultDescription: STANDARD['dirty-layout'],
    describe: 'where the set bits are',
  },
  discard: {
    choices: ['on', 'off'] as const,
    defaultDescription: STANDARD.discard,
    describe: 'whether the protocol node passes discards on (each replaced cluster is then punched)',
  },
  preallocated: {
    type: 'boolean',
    default: false,
    describe: 'allocate every guest cluster first: each store then walks all their refcounts',
  },
} as const;

function options(yargs: Argv<object>): Argv<object> {
  return yargs
    .positional('dir', { type: 'string', describe: 'directory to put the images in (removed afterwards)' })
    .option('nbdkit-delay', {
      type: 'string',
      describe:
        'instead of a directory: an nbdkit volume with this delay for every read and write, such as 1ms',
    })
    .option('trim-delay', { type: 'string', describe: 'its delay for discards (default: as --nbdkit-delay)' })
    .option('cache', {
      choices: ['none', 'writeback'] as const,
      default: 'none' as const,
      describe: 'host page cache of a directory: none is O_DIRECT',
    })
    .options(DISKS)
    .options(DATA_FILE)
    .option('destination', {
      type: 'boolean',
      default: false,
      describe: 'migrate to a second QEMU: from STOP on the source to RESUME on the destination',
    })
    .option('stream', {
      type: 'boolean',
      default: false,
      describe: 'with --destination: also send the bitmaps through the stream (dirty-bitmaps capability)',
    })
    .options(PLAY_OPTIONS)
    .option('repeats', { type: 'number', default: 3, describe: 'repeats; the median is reported' })
    .option('host', {
      type: 'string',
      default: ANY_HOST,
      describe:
        "host preset or file that the prediction takes QEMU's own time from; auto: measure it first, as `calibrate --host` does",
    })
    .option('seed', { type: 'number', default: 1, describe: 'chooses which bits are set' })
    .option('csv', { type: 'string', describe: 'write the rows to this file, for `stopgap validate`' })
    .option('force', FORCE)
    .option('json', { type: 'boolean', default: false, describe: 'print everything as JSON' })
    .example('$0 /var/lib/libvirt/images --disk 4T --bitmaps 3', "this host's own storage")
    .example('$0 --nbdkit-delay 1ms --destination', 'storage of known slowness, with a destination')
    .example('$0 --nbdkit-delay 2ms --disk 4T:bitmaps=3 --disk 500G', 'two disks that differ, file by file');
}

/** What was given, without what was not. */
type GivenArgs = Omit<MeasureArgs, keyof DiskArgs> & Partial<DiskArgs>;

async function run(given: GivenArgs & MeasureDisksFlags): Promise<void> {
  const { isListed, measureListed } = await import('../measure-disks.js');
  if (isListed(given)) return measureListed(given, count(given.repeats, '--repeats', 100));
  const args: MeasureArgs = { ...STANDARD, ...given };
  const playing = playAsked(args);
  if (playing) return measurePlay(playing, args, count(args.repeats, '--repeats', 100));
  const situation = await situationOf(args);
  if (args.stream && !args.destination)
    throw new InputError(
      '--stream: needs --destination, since only a destination takes bitmaps out of the stream',
    );
  const { withCleanup } = await import('../../lab/process/cleanup.js');
  const { measure } = await import('../../lab/measure/measure.js');
  const { withProgress } = await import('../progress.js');
  const modes: HandoverMode[] = args.destination ? (args.stream ? ['store', 'stream'] : ['store']) : [];
  const { CSV_MARK } = await import('../../lab/measure/measured-csv.js');
  const csv =
    args.csv === undefined
      ? undefined
      : claimOutput(args.csv, { flag: '--csv', mark: CSV_MARK, force: args.force, inputs: [args.host] });
  const { hostAdvice, hostOf } = await import('../measure-host.js');
  const host = await hostOf(args.host);
  const measured = await withProgress('stopping VMs', (tick) =>
    withCleanup((cleanup) => measure(cleanup, situation, { handover: modes, host, onStep: tick })),
  );
  csv?.write(measured.csv);
  const { measureReport, measureJson } = await import('../../output/measure-report.js');
  if (args.json) printJson(measureJson(situation, measured));
  else await printFitted((table) => `${measureReport(situation, measured, table)}${hostAdvice(args.host)}`);
}

async function situationOf(args: MeasureArgs): Promise<Situation> {
  const { parseFraction, parseSize } = await import('../../base/units.js');
  const diskBytes = parseSize(args.disk, '--disk');
  const granularityBytes = powerOfTwo(
    parseSize(args.granularity, '--granularity'),
    '--granularity',
    512,
    2 ** 31,
  );
  const total = Math.ceil(diskBytes / granularityBytes);
  const bits = args.dirty.trim().endsWith('%')
    ? Math.round(parseFraction(args.dirty, '--dirty') * total)
    : Number(args.dirty);
  if (!Number.isInteger(bits) || bits < 0 || bits > total)
    throw new InputError(
      `--dirty: '${args.dirty}' is not a share from 0% to 100% or a number of bits up to ${total}`,
    );
  return {
    diskBytes,
    disks: count(args.disks, '--disks', 8),
    clusterBytes: powerOfTwo(parseSize(args.cluster, '--cluster'), '--cluster', 512, 2 ** 21),
    granularityBytes,
    bitmaps: count(args.bitmaps, '--bitmaps', 64),
    bits,
    layout: args['dirty-layout'],
    discard: args.discard === 'on',
    preallocated: args.preallocated,
    repeats: count(args.repeats, '--repeats', 100),
    seed: args.seed,
    storage: await placeOf(args),
    ...(await dataFileOf(args)),
  };
}

async function dataFileOf(args: MeasureArgs): Promise<Pick<Situation, 'dataFile'>> {
  const { 'data-file': dataFile, 'data-delay': dataDelay, 'nbdkit-delay': nbdkitDelay } = args;
  if (dataDelay !== undefined && (dataFile === 'off' || nbdkitDelay === undefined))
    throw new InputError('--data-delay: needs --nbdkit-delay and --data-file on or raw');
  if (dataFile === 'off') return {};
  const raw = dataFile === 'raw';
  if (nbdkitDelay === undefined) return { dataFile: { raw } };
  const { parseDelayMs } = await import('../../lab/qemu/nbdkit.js');
  const ms = dataDelay === undefined ? 0 : parseDelayMs(dataDelay, '--data-delay');
  return { dataFile: { raw, volume: { readDelayMs: ms, writeDelayMs: ms, trimDelayMs: ms } } };
}

async function placeOf(args: MeasureArgs): Promise<StoragePlace> {
  const { parseDelayMs } = await import('../../lab/qemu/nbdkit.js');
  if ((args.dir === undefined) === (args['nbdkit-delay'] === undefined))
    throw new InputError('measure: give either a directory or --nbdkit-delay TIME');
  if (args.dir !== undefined) {
    const { statSync } = await import('node:fs');
    const directory = statSync(args.dir, { throwIfNoEntry: false });
    if (!directory?.isDirectory()) throw new InputError(`measure: '${args.dir}' is not a directory`);
    return { kind: 'directory', path: args.dir, cache: args.cache };
  }
  const ms = parseDelayMs(args['nbdkit-delay']!, '--nbdkit-delay');
  const { 'trim-delay': trimDelay } = args;
  const trimDelayMs = trimDelay === undefined ? ms : parseDelayMs(trimDelay, '--trim-delay');
  return { kind: 'nbdkit', volume: { readDelayMs: ms, writeDelayMs: ms, trimDelayMs } };
}

function count(value: number, where: string, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new InputError(`${where}: '${value}' is not a whole number from 1 to ${most}`);
}

function powerOfTwo(bytes: number, where: string, least: number, most: number): number {
  if (isPowerOfTwo(bytes) && bytes >= least && bytes <= most) return bytes;
  throw new InputError(`${where}: '${bytes}' is not a power of two from ${least} to ${most} bytes`);
}
