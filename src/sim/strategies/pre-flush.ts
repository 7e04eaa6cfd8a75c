/**
 * Store most of the bitmap before the stop: a meta-bitmap says which chunks changed since they were last written,
 * a background flusher writes them while the guest runs, and the stop writes what is left.
 * Nobody has built it in QEMU; this is the design that would fit there.
 */
import { InputError } from '../../base/errors.js';
import { formatSize, formatTime } from '../../base/units.js';
import type { Process } from '../../kernel/process.js';
import { bitsAreFixed } from '../guest/fixed-bits.js';
import type { Disk } from '../machine/disk.js';
import type { EarlyLoad } from '../machine/early-load.js';
import type { Machine } from '../machine/machine.js';
import { CLUSTER_LIMITS } from '../parameters/limits.js';
import { rows, type Spec } from '../parameters/row.js';
import type { MemberRun } from '../types.js';
import { earlyLoad, Walks } from './before-stop.js';
import { STORED, type StrategyDefinition, type Surroundings, type Variant } from './definition.js';
import { type CutShort, Flusher } from './flusher.js';
import { meanOf, p95Of, StopForecast } from './forecast.js';
import { LastPass } from './last-pass.js';
import type { Strategy } from './strategy.js';

const PARAMETERS = rows({
  chunkBytes: {
    path: 'pre-flush.chunk',
    label: 'chunk size',
    flag: 'chunk',
    kind: 'power-of-two',
    default: '64k',
    ...CLUSTER_LIMITS,
    help: 'bytes of bitmap that one bit of the meta-bitmap stands for',
  },
  bytesPerS: {
    path: 'pre-flush.rate',
    label: 'pre-flush rate limit',
    flag: 'pre-flush-rate',
    kind: 'rate',
    default: 'unlimited',
    help: 'bitmap bytes per second that pre-flush may write',
  },
  settleNs: {
    path: 'pre-flush.settle',
    flag: 'settle',
    kind: 'time',
    default: '0s',
    help: 'how long a chunk must have been stale before it is written',
  },
  order: {
    path: 'pre-flush.order',
    flag: 'order',
    kind: 'choice',
    choices: ['fifo', 'ascending'],
    default: 'fifo',
    help: 'order in which stale chunks are written',
  },
  lastPass: {
    path: 'pre-flush.last-pass',
    label: 'last pass',
    flag: 'last-pass',
    kind: 'choice',
    choices: ['chunks', 'clusters'],
    default: 'clusters',
    help: 'in the stop: stale chunks one by one, or merged into clusters',
  },
  layout: {
    path: 'pre-flush.layout',
    flag: 'layout',
    kind: 'choice',
    choices: ['in-place', 'shadow'],
    default: 'in-place',
    help: 'overwrite the stored copy, or write a new one',
  },
  /** off: switch when RAM is ready; bytes, bits: the raw report; on, p95: the time of the stop as byte equivalents. */
  pending: {
    path: 'pre-flush.pending',
    label: 'pending',
    flag: 'pending',
    kind: 'choice',
    choices: ['off', 'on', 'p95', 'bytes', 'bits'],
    default: 'on',
    help: 'what switchover waits for: off: RAM only; on, p95: RAM and the mean or 95 % time of the rest of the stop; bytes, bits: the raw count',
  },
});

export type PreFlushSpec = { readonly name: 'pre-flush' } & Spec<typeof PARAMETERS>;

const remark: Variant['remark'] = (label, { bytesWrittenRunning, staleChunksAtStop }) =>
  `${label} writes ${formatSize(bytesWrittenRunning)} while the guest runs and leaves ` +
  `${Number(staleChunksAtStop.toPrecision(2))} stale chunks to the stop; reading back on the destination remains.`;

export const preFlush: StrategyDefinition<PreFlushSpec, typeof PARAMETERS> = {
  name: 'pre-flush',
  summary: 'meta-bitmap: written while the guest runs, only stale chunks inside the stop',
  role: 'alternative',
  byDefault: true,
  built: false,
  parameters: PARAMETERS,
  variantField: 'layout',
  variants: [
    {
      name: 'in-place',
      colour: '#009E73',
      routes: [{ ...STORED, name: 'pre-flush', preFlush: 'in-place' }],
      remark,
    },
    {
      name: 'shadow',
      colour: '#E69F00',
      routes: [{ ...STORED, name: 'pre-flush-shadow', preFlush: 'shadow' }],
      remark,
    },
  ],
  fit: withChunkThatFits,
  hooks,
};

/** A chunk is at most a cluster, the unit that the image is written in; a larger one is refused where it was given. */
function withChunkThatFits(spec: PreFlushSpec, { clusterBytes, given }: Surroundings): PreFlushSpec {
  if (spec.chunkBytes <= clusterBytes) return spec;
  const where = given(PARAMETERS.chunkBytes);
  if (where === undefined) return { ...spec, chunkBytes: clusterBytes };
  throw new InputError(
    `${where}: '${formatSize(spec.chunkBytes)}' is more than a cluster (${formatSize(clusterBytes)}), the unit bitmaps are written in`,
  );
}

/** What one run keeps. */
interface Run {
  passOf(disk: Disk): LastPass;
  forecast(machine: Machine): StopForecast;
}

/** One flusher a disk, as each qcow2 node has its own I/O context. */
function hooks(spec: PreFlushSpec): Strategy {
  const passes = new Map<Disk, LastPass>();
  const loads = new Map<Disk, EarlyLoad>();
  const walks = new Walks();
  const passOf = (disk: Disk): LastPass => passes.get(disk)!;
  let forecast: StopForecast | undefined;
  const run: Run = {
    passOf,
    forecast: (machine) => {
      forecast ??= new StopForecast(machine, passOf);
      return forecast;
    },
  };
  return {
    delivers: true,
    loadsFromImage: true,
    chunkBytes: spec.chunkBytes,
    *whileRunning(machine) {
      const { whatIf } = machine.scenario;
      for (const disk of machine.disksWithBitmaps) {
        passes.set(disk, new LastPass(disk, spec, whatIf));
        if (whatIf.loadEarly) loads.set(disk, earlyLoad(machine, disk));
      }
      // The first allocation is made early, so that the stop need not search for free clusters.
      yield* walks.run(machine);
      const flushers = machine.disksWithBitmaps.map((disk) =>
        startFlusher(machine, disk, spec, passOf(disk), loads.get(disk)),
      );
      yield machine.stopAsked;
      for (const load of loads.values()) load.stop();
      for (const flusher of flushers) machine.counters.staleChunksAtStop += flusher.stop().staleAtStop;
      for (const flusher of flushers) yield flusher.quiet;
    },
    pending: (machine, thresholdBytes) =>
      walks.pendingBytes || pendingBytes(machine, spec, run, thresholdBytes),
    explain: (machine, reason) =>
      spec.pending === 'on' || spec.pending === 'p95' ? explain(machine, spec.pending, run, reason) : reason,
    *atInactivate(machine) {
      for (const disk of machine.disks) yield* storeRest(machine, disk, passes.get(disk), loads.get(disk));
    },
    readBefore: (disk) => loads.get(disk)?.clusters ?? 0,
    // Of bits that stay no chunk becomes stale again. What p95 tells the core is not in a run of mean times.
    settles: (scenario) =>
      bitsAreFixed(scenario) &&
      spec.pending !== 'p95' &&
      !scenario.whatIf.loadEarly &&
      !scenario.whatIf.loadAfterResume,
  };
}

function startFlusher(
  machine: Machine,
  disk: Disk,
  spec: PreFlushSpec,
  pass: LastPass,
  load: EarlyLoad | undefined,
): Flusher {
  const timer = machine.timer(disk, 'flusher');
  const { kernel, counters } = machine;
  const flushed = disk.tracker.groups.map(({ chunkCount }) => new Uint32Array(chunkCount));
  /** Counts so many bitmaps' copies of a chunk; alike bitmaps are all written once before one is written again. */
  const count = ({ group, chunk }: MemberRun, members: number, bytes: number): void => {
    const alike = disk.tracker.groups[group]!.count;
    const before = flushed[group]![chunk]!;
    const again = Math.max(0, before + members - alike) - Math.max(0, before - alike);
    flushed[group]![chunk] = before + members;
    counters.bytesWrittenRunning += Math.round(members * bytes);
    counters.bytesRewrittenRunning += Math.round(again * bytes);
  };
  const write = (run: MemberRun, done: () => void): CutShort => {
    const entry = pass.entryOf(run.chunk);
    const first = pass.bitmapOf(run);
    const bitmaps = run.to - run.member;
    if (load) for (let i = 0; i < bitmaps; i++) load.forget(first + i, entry);
    const ops = pass.flush(run);
    const bytes =
      ops.reduce((sum, op) => sum + (op.purpose === 'data' ? op.count * op.bytes : 0), 0) / bitmaps;
    const fromNs = kernel.nowNs;
    const job = disk.device.serve(timer.backgroundWork(ops), () => {
      machine.observe(`flusher ${disk.index}`, `chunk ${run.chunk}`, fromNs, kernel.nowNs);
      if (!machine.stopAsked.fired) count(run, bitmaps, bytes);
      if (load && pass.holds(run)) for (let i = 0; i < bitmaps; i++) load.want(first + i, entry);
      done();
    });
    return () => {
      const written = job.cut(bitmaps);
      count(run, written - 1, bytes);
      return written;
    };
  };
  const flusher = new Flusher(kernel, disk.tracker, { ...spec, initialPass: true }, write);
  pass.flusher = flusher;
  return flusher;
}

function* storeRest(
  machine: Machine,
  disk: Disk,
  pass: LastPass | undefined,
  load: EarlyLoad | undefined,
): Process {
  const timer = machine.timer(disk, 'store');
  if (!pass) {
    yield* machine.performStopped(disk.image.store([]), timer);
    return;
  }
  yield timer.bitmapsNs();
  machine.lap('store_qemu');
  if (load) for (const { bitmap, entry } of pass.left()) load.forget(bitmap, entry);
  yield* machine.performStopped(pass.finish(), timer);
}

/**
 * What the core is told of the work left.
 *   off      nothing: the switch comes when RAM is ready
 *   bytes    bytes of stale chunks; bits: their bits, as the stream counts them
 *   on, p95  the time the rest of the stop will take, as the bytes that the link would send in it: the core compares
 *            with bandwidth x limit, so bytes = threshold x time / limit is what makes it compare times
 */
function pendingBytes(machine: Machine, spec: PreFlushSpec, run: Run, thresholdBytes: number): number {
  if (spec.pending === 'off') return 0;
  machine.catchUp();
  if (spec.pending === 'bytes' || spec.pending === 'bits') {
    const bytes = machine.disksWithBitmaps.reduce((sum, disk) => sum + run.passOf(disk).staleBytes(), 0);
    return bytes * (spec.pending === 'bits' ? 8 : 1);
  }
  const limitNs = machine.scenario.migration.downtimeLimitNs;
  if (limitNs === 0) return Number.POSITIVE_INFINITY;
  const time = TIME_OF[spec.pending];
  const forecast = run.forecast(machine);
  // Where the limit cannot be met whatever is left, it is enough to say that; going through all that is left takes longer.
  const leastNs = time(forecast.least);
  return (thresholdBytes * (leastNs > limitNs ? leastNs : time(forecast.now))) / limitNs;
}

/** Which time of a forecast is held against the limit: half of the stops are longer than the mean, 5 % than p95. */
const TIME_OF = { on: meanOf, p95: p95Of } as const;

/** A limit below the fixed part is never met, one below the stale chunks' part not at this rate of writes. */
function explain(machine: Machine, pending: keyof typeof TIME_OF, run: Run, reason: string): string {
  const limitNs = machine.scenario.migration.downtimeLimitNs;
  const forecast = run.forecast(machine);
  const leastNs = TIME_OF[pending](forecast.least);
  const restNs = TIME_OF[pending](forecast.now);
  const limit = `downtime-limit ${formatTime(limitNs)}`;
  if (leastNs >= limitNs)
    return `cannot meet the limit: with no chunk left the stop still takes ${formatTime(leastNs)}, ${limit}`;
  if (restNs < limitNs) return `${reason}; the stop without RAM takes ${formatTime(restNs)} of the ${limit}`;
  return (
    `cannot meet the limit: chunks become stale as fast as they are written, the last ${formatTime(restNs - leastNs)} ` +
    `of them and ${formatTime(leastNs)} for the rest of the stop, ${limit}`
  );
}
