/**
 * VMs that stop at the same time on one volume: each makes its requests one after another, and they meet in the model's
 * shared storage (sim/storage/shared-storage.ts). How long a request takes alone, and what of it is its turn, was probed on
 * the volume beforehand; when each VM stopped is as it was measured.
 */
import { Kernel } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import { namedStream } from '../../kernel/rng.js';
import type { HostSpec, StorageSpec } from '../../sim/scenario.js';
import { stopSdMs } from '../../sim/stop/interval.js';
import type { StopWork } from '../../sim/stop/requests.js';
import { expectedTime } from '../../sim/stop/time.js';
import { type AloneRun, SharedStorage } from '../../sim/storage/shared-storage.js';
import { OpTimer } from '../../sim/storage/timer.js';
import type { StoreOp } from '../../sim/types.js';
import { calibratedVolume } from './calibrated-volume.js';
import { judge } from './errors.js';
import type { ValidationKind } from './kind.js';
import { timeReport } from './report.js';
import { configurationOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';
import type { StopMs } from './stop-time.js';
import { judgedStops } from './stops.js';
import { replayStores } from './storehistory.js';

const NS_PER_US = 1000;
const NS_PER_MS = 1e6;

/** The VMs of one stop, in the order of their numbers. */
type Siblings = readonly MeasuredRow[];

/** Where requests meet. */
interface Meeting {
  readonly storage: StorageSpec;
  /** Of a request's time, what passes while nobody waits for it. */
  overheadNs(op: StoreOp): number;
  readonly rateBytesPerS: number | undefined;
}

function meetingOf(row: MeasuredRow): Meeting {
  const storage = { ...calibratedVolume(row), channels: row.number('channels') };
  const apart = (op: string): number =>
    NS_PER_US * Math.max(0, row.number(`${op}_us`) - row.number(`loaded_${op}_us`));
  const [large, small, trim] = [apart('write_64k'), apart('write_4k'), apart('trim_64k')];
  const overheadNs = ({ op }: StoreOp): number => (op === 'write' ? large : op === 'punch' ? trim : small);
  return { storage, overheadNs, rateBytesPerS: row.optional('rate_bytes_per_s') };
}

/** The run as the volume's other customers see it. */
function turnOf(run: AloneRun, op: StoreOp, { overheadNs, rateBytesPerS, storage }: Meeting): AloneRun {
  const writes = op.op === 'write' || op.op === 'smallWrite';
  if (rateBytesPerS !== undefined)
    return { ...run, transferNs: writes ? (op.count * op.bytes * 1e9) / rateBytesPerS : 0 };
  if (storage.channels > 1) return { ...run, transferNs: 0 };
  const deviceNs = Math.max(0, run.deviceNs - op.count * overheadNs(op));
  return { ...run, deviceNs, transferNs: 0 };
}

/** How long each VM stands still. */
function stopsTogether(siblings: Siblings, work: StopWork, host: HostSpec): readonly number[] {
  const meeting = meetingOf(siblings[0]!);
  const kernel = new Kernel();
  const shared = new SharedStorage(kernel, meeting.storage);
  // All times are constants: nothing is drawn.
  const source = { rng: namedStream(0, 0, 'together') };
  const stopsMs = siblings.map(() => 0);
  function* vm(index: number): Process {
    yield Math.round(siblings[index]!.number('start_ms') * NS_PER_MS);
    const fromNs = kernel.nowNs;
    const timer = new OpTimer(meeting.storage, host, { l1Entries: work.l1Entries });
    yield Math.round(timer.fixedNs(work.bitmapBytes));
    for (const op of work.ops) yield* shared.make(turnOf(timer.drawAlone(op, source, source), op, meeting));
    stopsMs[index] = (kernel.nowNs - fromNs) / NS_PER_MS;
  }
  for (const index of siblings.keys()) kernel.spawn('vm', vm(index));
  kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e7 });
  return stopsMs;
}

/** The stop of one of them on any host; together they are simulated once for each. */
function timesOf(siblings: Siblings, work: StopWork): (index: number) => (host: HostSpec) => StopMs {
  const known = new WeakMap<HostSpec, readonly number[]>();
  const { storage } = meetingOf(siblings[0]!);
  return (index) => (host) => {
    const all = known.get(host) ?? stopsTogether(siblings, work, host);
    known.set(host, all);
    const alone = expectedTime(work, { storage, host });
    const ms = all[index]!;
    const aloneMs = alone.meanNs / NS_PER_MS;
    const hostMs =
      (alone.meanNs - Object.values(alone.requests.deviceByClass).reduce((a, b) => a + b, 0)) / NS_PER_MS;
    return {
      ms,
      sdMs: (stopSdMs(work.ops, alone, 1) * Math.max(ms, aloneMs)) / aloneMs,
      processorMs: hostMs,
    };
  };
}

export const togetherKind: ValidationKind = {
  name: 'together',
  columns: ['together_bitmap_ms', 'loaded_write_64k_us'],
  validate({ rows }, options) {
    const stopOf = (row: MeasuredRow): string =>
      [configurationOf(row), row.text('repeat'), row.text('phase')].join('\n');
    const siblings = groupBy(rows, stopOf);
    const first = rows.filter((row) => row.number('vm') === 0);
    const stops = replayStores(first).flatMap(({ row, work }) => {
      const all = siblings.get(stopOf(row))!;
      const times = timesOf(all, work);
      return all.map((each, i) => ({
        row: each,
        phase: each.text('phase'),
        times: { stop: { measuredMs: each.number('together_bitmap_ms'), on: times(i) } },
      }));
    });
    const { stop = [] } = judgedStops(stops, options);
    return timeReport(judge(stop, options), options.minMs, null);
  },
};
