import { basename } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import { claimOutput, FORCE } from '../../files/output.js';
import { note } from '../stderr.js';
import { print, printFile, printJson } from '../stdout.js';

interface CalibrateArgs {
  readonly source?: string[];
  readonly dir?: string;
  readonly host: boolean;
  readonly probe: 'auto' | 'builtin' | 'fio' | 'qemu';
  readonly cache: 'none' | 'writeback';
  readonly seconds?: number;
  readonly out?: string;
  readonly force: boolean;
  readonly json: boolean;
}

const SECONDS_MIN = 2;
const SECONDS_MAX = 60;
const SECONDS_USUAL = 15;

export const command: CommandModule<object, CalibrateArgs> = {
  command: 'calibrate [source..]',
  builder: (yargs: Argv<object>) =>
    yargs
      .positional('source', {
        type: 'string',
        array: true,
        describe: 'a directory to measure, or files of fio --output-format=json',
      })
      .option('dir', { type: 'string', describe: 'directory to measure (same as giving it as SOURCE)' })
      .option('host', {
        type: 'boolean',
        default: false,
        describe: "instead of a storage: QEMU's own time on this machine, as a host preset",
      })
      .option('probe', {
        choices: ['auto', 'builtin', 'fio', 'qemu'] as const,
        default: 'auto' as const,
        describe:
          'what measures a directory; auto: fio if it is installed, else the built-in probe. With --host, auto: real stops if QEMU and nbdkit are installed, else two loops (builtin)',
      })
      .option('cache', {
        choices: ['none', 'writeback'] as const,
        default: 'none' as const,
        describe: 'none: O_DIRECT, as QEMU cache=none; writeback: through the host page cache',
      })
      .option('seconds', {
        type: 'number',
        defaultDescription: '15, with --host 22',
        describe: 'time to spend on a directory (2 to 60) or on the host (5 to 30)',
      })
      .option('out', { type: 'string', describe: 'write the preset to this file instead of stdout' })
      .option('force', FORCE)
      .option('json', { type: 'boolean', default: false, describe: 'print the values as JSON instead' })
      .example('$0 /var/lib/libvirt/images --out my.yaml', 'measure a directory')
      .example('$0 fio.json --out my.yaml', 'from an fio run')
      .example(
        '$0 --host --out host.yaml',
        'this machine; then: stopgap ask --host host.yaml',
      ) as Argv<CalibrateArgs>,
  handler: async (args) => {
    const { guarded } = await import('../guarded.js');
    await guarded('calibrate', () => calibrate(args));
  },
};

async function calibrate(args: CalibrateArgs): Promise<void> {
  if (args.host) return (await import('../calibrate-host.js')).calibrateThisHost(args);
  const { calibrateSource } = await import('../../lab/calibrate/calibrate.js');
  const { PRESET_MARK, presetYaml } = await import('../../lab/calibrate/preset-file.js');
  const { storageOfValues } = await import('../../input/storage-values/values.js');
  const { latencyMeanNs } = await import('../../input/values/compound.js');
  const { formatTime } = await import('../../base/units.js');
  const { withProgress } = await import('../progress.js');
  const sources = [...(args.source ?? []), ...(args.dir === undefined ? [] : [args.dir])];
  if (sources.length === 0)
    throw new InputError('calibrate: give a directory to measure, or files of fio --output-format=json');
  const { probe, seconds = SECONDS_USUAL } = args;
  if (!(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX))
    throw new InputError(`--seconds: '${seconds}' is not a number from ${SECONDS_MIN} to ${SECONDS_MAX}`);
  if (probe === 'qemu')
    throw new InputError('--probe qemu: measures a host; give --host, or auto, builtin or fio');
  const out =
    args.out === undefined || args.json
      ? undefined
      : claimOutput(args.out, { flag: '--out', mark: PRESET_MARK, force: args.force, inputs: sources });
  const made = await withProgress('calibrating', (tick) =>
    calibrateSource(sources, {
      probe,
      direct: args.cache === 'none',
      budgetMs: seconds * 1000,
      onProgress: (done) => tick(Math.round(done * 100), 100),
    }),
  );
  for (const text of made.found.notes) note(text);
  const provenance = {
    summary: `calibrated from ${sources.map((source) => basename(source)).join(', ')}`,
    date: new Date().toISOString().slice(0, 10),
    command: `stopgap calibrate ${sources.map((source) => basename(source)).join(' ')} --cache ${args.cache}`,
    tool: made.tool,
  };
  const yaml = presetYaml(made.found, provenance);
  const storage = storageOfValues(made.found, args.out ?? 'calibrated');
  if (args.json) {
    const { notes, values } = made.found;
    const shown = { tool: made.tool, notes, found: Object.fromEntries(values), storage };
    printJson(shown);
    return;
  }
  if (!out) {
    printFile(yaml);
    return;
  }
  out.write(yaml);
  for (const [op, { latency }] of Object.entries(storage.ops))
    print(`${op.padEnd(12)} ${formatTime(latencyMeanNs(latency))} (mean)\n`);
  print(`flush, more for each 64 KiB written before it: ${formatTime(storage.flushNsPerByte * 65_536)}\n`);
  print(`\n${out.path} written; use it with: stopgap ask --storage ${out.path}\n`);
}
