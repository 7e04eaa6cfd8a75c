/** `stopgap observe`: looks at a running VM, changes nothing in it, and writes a scenario file of what it does. */
import type { CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import { parseTime } from '../../base/units.js';
import { claimOutput, FORCE } from '../../files/output.js';
import type { Recording } from '../../lab/observe/recording.js';
import { note } from '../stderr.js';
import { print, printFile, printJson } from '../stdout.js';

interface ObserveArgs {
  readonly qmp: string | undefined;
  readonly virsh: string | undefined;
  readonly from: string | undefined;
  readonly for: string | undefined;
  readonly 'dirty-rate': boolean;
  readonly storage: string | undefined;
  readonly record: string | undefined;
  readonly out: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

const FOR = '60s';
const FOR_MIN_NS = 1e9;
const FOR_MAX_NS = 86_400e9;

export const command: CommandModule<object, ObserveArgs> = {
  command: 'observe',
  builder: (yargs) =>
    yargs
      .option('qmp', { type: 'string', requiresArg: true, describe: "a VM by QEMU's QMP socket" })
      .option('virsh', {
        type: 'string',
        requiresArg: true,
        describe: 'a VM by the name of its libvirt domain (virsh qemu-monitor-command)',
      })
      .option('from', {
        type: 'string',
        requiresArg: true,
        describe: 'a recording: the folder that --record made',
      })
      .option('for', {
        type: 'string',
        requiresArg: true,
        describe: `time between the two looks (${FOR} unless told)`,
      })
      .option('dirty-rate', {
        type: 'boolean',
        default: false,
        describe:
          'let QEMU sample how fast RAM is dirtied (calc-dirty-rate: costs the host some processor time)',
      })
      .option('storage', {
        type: 'string',
        requiresArg: true,
        describe:
          "the storage, where you know it better than the times of the guest's requests tell (preset or file)",
      })
      .option('record', { type: 'string', requiresArg: true, describe: 'keep the replies in a new folder' })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'write the scenario to this file instead of stdout',
      })
      .option('force', FORCE)
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'print what was seen, and how each value is known, as JSON',
      })
      .example('$0 --qmp /run/vm.qmp --out vm.yaml', 'then: stopgap ask vm.yaml')
      .example('$0 --virsh shop --for 10m --dirty-rate --record shop-monday', 'keep what was said'),
  handler: async (args) => {
    const { guarded } = await import('../guarded.js');
    await guarded('observe', () => observe(args));
  },
};

/** The one VM that is named. */
function checkSource({ qmp, virsh, from, record, for: time, 'dirty-rate': dirtyRate }: ObserveArgs): void {
  const named = [qmp, virsh, from].filter((each) => each !== undefined);
  if (named.length !== 1)
    throw new InputError(
      `observe: ${named.length === 0 ? 'no VM named' : 'more than one VM named'}; give one of --qmp SOCKET, --virsh DOMAIN, --from DIR`,
    );
  const idle = [
    record !== undefined && '--record',
    time !== undefined && '--for',
    dirtyRate && '--dirty-rate',
  ].find((each) => each !== false);
  if (from !== undefined && idle !== undefined)
    throw new InputError(`${idle}: a recording (--from) is as it is; leave ${idle} out`);
}

function forMs(text = FOR): number {
  const ns = parseTime(text, '--for');
  if (ns < FOR_MIN_NS || ns > FOR_MAX_NS)
    throw new InputError(`--for: '${text}' is not a time from 1s to 24h`);
  return ns / 1e6;
}

/** The replies of the VM, or those recorded. */
async function repliesOf(args: ObserveArgs): Promise<Recording> {
  const { readRecording, claimRecording } = await import('../../lab/observe/recording.js');
  if (args.from !== undefined) return readRecording(args.from);
  const timeMs = forMs(args.for);
  const record = args.record === undefined ? undefined : claimRecording(args.record);
  const [{ withCleanup }, { qmpMonitor, virshMonitor }, { listen }, { withProgress }] = await Promise.all([
    import('../../lab/process/cleanup.js'),
    import('../../lab/observe/monitor.js'),
    import('../../lab/observe/listen.js'),
    import('../progress.js'),
  ]);
  const recording = await withProgress('observing', (tick) =>
    withCleanup(async (cleanup) => {
      const monitor =
        args.qmp === undefined ? virshMonitor(cleanup, args.virsh!) : await qmpMonitor(cleanup, args.qmp);
      const onProgress = (doneS: number, ofS: number): void => tick(Math.round(doneS), Math.round(ofS));
      return listen(monitor, { forMs: timeMs, dirtyRate: args['dirty-rate'], onProgress });
    }),
  );
  record?.write(recording);
  return recording;
}

async function observe(args: ObserveArgs): Promise<void> {
  checkSource(args);
  const [{ understand }, { scenarioOf }, { OBSERVED_MARK, observedYaml }, { observedJson, observedText }] =
    await Promise.all([
      import('../../lab/observe/observation.js'),
      import('../../lab/observe/scenario.js'),
      import('../../output/observed-yaml.js'),
      import('../../output/observed.js'),
    ]);
  const out =
    args.out === undefined
      ? undefined
      : claimOutput(args.out, {
          flag: '--out',
          mark: OBSERVED_MARK,
          force: args.force,
          inputs: [args.storage, args.qmp, args.from].filter((each) => each !== undefined),
        });
  if (args.storage !== undefined)
    await (await import('../../input/sources.js')).loadStorage(args.storage, [], '--storage');
  const observation = understand(await repliesOf(args));
  const scenario = scenarioOf(observation, args.storage);
  for (const text of scenario.notes) note(text);
  const yaml = observedYaml(observation, scenario.tree, scenario.notes);
  out?.write(yaml);
  if (args.json) printJson(observedJson(observation, scenario));
  else if (out)
    print(`${observedText(observation)}\n${out.path} written; to ask about it: stopgap ask ${out.path}\n`);
  else printFile(yaml);
}
