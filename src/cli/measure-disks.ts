/** `stopgap measure` of disks that differ, told as `ask` is told of them: `--disk` again and again, or a scenario file. */
import { InputError } from '../base/errors.js';
import { isTree, type Tree } from '../base/tree.js';
import { formatTime } from '../base/units.js';
import type { Scenario, StorageSpec } from '../sim/scenario.js';
import { printFitted } from './fitted.js';
import { hostAdvice, hostOf } from './measure-host.js';
import { resolveVaried, toldBy } from './situation.js';
import { printJson } from './stdout.js';

export interface MeasureDisksFlags extends Tree {
  readonly scenario?: string;
  readonly set?: readonly string[];
  readonly disk?: string | readonly string[];
  readonly dir?: string;
  readonly 'nbdkit-delay'?: string;
  readonly csv?: string;
  readonly stream: boolean;
  readonly preallocated: boolean;
  readonly repeats: number;
  readonly host: string;
  readonly json: boolean;
}

/** Whether disks are told one by one. */
export function isListed({ scenario, disk }: MeasureDisksFlags): boolean {
  return scenario !== undefined || Array.isArray(disk) || (disk ?? '').includes(':');
}

function refuseOthers({
  dir,
  csv,
  stream,
  preallocated,
  'nbdkit-delay': nbdkitDelay,
}: MeasureDisksFlags): string {
  const others = { directory: dir, '--csv': csv, '--stream': stream, '--preallocated': preallocated };
  const told = Object.entries(others).find(([, value]) => value !== undefined && value !== false)?.[0];
  if (told !== undefined)
    throw new InputError(
      `measure: ${told} is for disks that are all alike; those that differ are measured on volumes (--nbdkit-delay), file by file`,
    );
  if (nbdkitDelay === undefined) throw new InputError('measure: give --nbdkit-delay TIME, such as 2ms');
  return nbdkitDelay;
}

/** Whole milliseconds of every request on a storage: its own flush-latency, or the delay of all. */
function delayOf({ name, ops }: StorageSpec): number {
  const { latency } = ops.write;
  const ms = latency.kind === 'constant' ? latency.ns / 1e6 : Number.NaN;
  if (Number.isInteger(ms) && ms <= 1000) return ms;
  throw new InputError(
    `measure: a request to ${name} would take ${Number.isNaN(ms) ? 'a time that varies' : formatTime(ms * 1e6)}; ` +
      "nbdkit's delay filter counts in whole milliseconds up to 1s (flush-latency of the disk)",
  );
}

/** A sparse image is small, a data file as large as its disk; what is calibrated lies beyond their ends. */
const LARGEST_BYTES = 4000 * 2 ** 30;

/** The bits of an age depend on what a guest wrote, and nobody writes here. */
function refuseUnmeasurable({ disks }: Scenario): void {
  const images = disks.flatMap((disk) => [disk, ...(disk.backing ?? [])]);
  if (images.some(({ bitmaps }) => bitmaps.some(({ content }) => content.kind === 'age')))
    throw new InputError(
      'measure: --dirty auto is what a workload leaves, and no guest runs here: give a share, such as --dirty 100%',
    );
  if (disks.some(({ dataFile, sizeBytes }) => dataFile && sizeBytes > LARGEST_BYTES))
    throw new InputError('measure: a data file is larger than 4000 GiB; the volumes are no larger');
}

/** What holds unless the file or the disks say otherwise; beside a list of disks a flag would be one that some do not hear. */
async function scenarioOf(flags: MeasureDisksFlags, delay: string): Promise<Scenario> {
  const { scenario: file, set } = flags;
  const told = await toldBy({ ...measuredFlags(flags), scenario: file, set });
  const usual = { 'flush-latency': delay, ...(file === undefined && { bitmaps: { dirty: '100%' } }) };
  const input = isTree(told.input) ? { ...usual, ...told.input } : told.input;
  const { scenario } = await resolveVaried({ ...told, input }, {});
  refuseUnmeasurable(scenario);
  return scenario;
}

const SHARED = ['disk', 'granularity', 'cluster', 'bitmaps', 'dirty', 'dirty-layout', 'discard', 'data-file'];

/** The flags of `ask` among those of `measure`; `raw` is a data file like another to the model. */
function measuredFlags(flags: MeasureDisksFlags): Tree {
  const told = SHARED.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]] as const]));
  return Object.fromEntries(told.map(([name, value]) => [name, value === 'raw' ? 'on' : value]));
}

/** Measures the disks and prints the report. */
export async function measureListed(flags: MeasureDisksFlags, repeats: number): Promise<void> {
  const scenario = await scenarioOf(flags, refuseOthers(flags));
  const [{ withCleanup }, { measureDisks }, { withProgress }] = await Promise.all([
    import('../lab/process/cleanup.js'),
    import('../lab/measure/measure-disks.js'),
    import('./progress.js'),
  ]);
  const host = await hostOf(flags.host);
  const measured = await withProgress('stopping VMs', (onStep) =>
    withCleanup((cleanup) => measureDisks(cleanup, scenario, { repeats, host, delayMs: delayOf, onStep })),
  );
  if (flags.json) printJson(measured);
  else {
    const { measureDisksReport } = await import('../output/measure-disks-report.js');
    await printFitted((table) => `${measureDisksReport(measured, table)}${hostAdvice(flags.host)}`);
  }
}
