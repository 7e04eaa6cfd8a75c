/**
 * Store most of the bitmap before the stop: a meta-bitmap says which chunks changed since they were last written,
 * a background flusher writes them while the guest runs, and the stop writes what is left.
 * Nobody has built it in QEMU; this is the design that would fit there.
 */
import { InputError } from '../../base/errors.js';
import { formatSize, formatTime } from '../../base/units.js';
import type { TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import type { EarlyLoad } from '../machine/early-load.js';
import type { Disk, Machine } from '../machine/machine.js';
import { CLUSTER_LIMITS } from '../parameters/limits.js';
import { rows, type Spec } from '../parameters/row.js';
import type { ChunkRef, StoreOp } from '../types.js';
import { earlyLoad, stretchOf, Walks } from './before-stop.js';
import { STORED, type StrategyDefinition, type Surroundings, type Variant } from './definition.js';
import { Flusher } from './flusher.js';
import { LastPass } from './last-pass.js';
import type { Strategy } from './strategy.js';

const PARAMETERS = rows({
  chunkBytes: {
    path: 'pre-flush.chunk',
    flag: 'chunk',
    kind: 'power-of-two',
    default: '64k',
    ...CLUSTER_LIMITS,
    help: 'bytes of bitmap that one bit of the meta-bitmap stands for',
  },
  bytesPerS: {
    path: 'pre-flush.rate',
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
  /** off: switch when RAM is ready; bytes, bits: the raw report; on: storage time as byte equivalents. */
  pending: {
    path: 'pre-flush.pending',
    flag: 'pending',
    kind: 'choice',
    choices: ['off', 'on', 'bytes', 'bits'],
    default: 'on',
    help: 'what switchover waits for: off: RAM only; on: RAM and the time to store the rest; bytes, bits: the raw count',
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

/** One flusher a disk, as each qcow2 node has its own I/O context. */
function hooks(spec: PreFlushSpec): Strategy {
  const passes = new Map<Disk, LastPass>();
  const loads = new Map<Disk, EarlyLoad>();
  const walks = new Walks();
  const passOf = (disk: Disk): LastPass => passes.get(disk)!;
  return {
    delivers: true,
    loadsFromImage: true,
    chunkBytes: spec.chunkBytes,
    *whileRunning(machine) {
      const { whatIf } = machine.scenario;
      for (const disk of machine.disks) {
        passes.set(disk, new LastPass(disk, spec, whatIf));
        if (whatIf.loadEarly) loads.set(disk, earlyLoad(machine, disk));
      }
      // The first allocation is made early, so that the stop need not search for free clusters.
      yield* walks.run(machine);
      const flushers = machine.disks.map((disk) =>
        startFlusher(machine, disk, spec, passOf(disk), loads.get(disk)),
      );
      yield machine.stopAsked;
      for (const load of loads.values()) {
        load.stop();
        machine.counters.flusherBusyNs += load.busyNs;
      }
      for (const flusher of flushers) {
        const report = flusher.stop();
        machine.counters.flusherBusyNs += report.busyShare * machine.migrationNs;
        machine.counters.staleChunksAtStop += report.staleAtStop;
      }
      for (const flusher of flushers) yield flusher.quiet;
    },
    pending: (machine, thresholdBytes) =>
      walks.pendingBytes || pendingBytes(machine, spec, passOf, thresholdBytes),
    explain: (machine, reason) => (spec.pending === 'on' ? explain(machine, passOf, reason) : reason),
    *atInactivate(machine) {
      for (const disk of machine.disks) yield* storeRest(machine, disk, passOf(disk), loads.get(disk));
    },
    readBefore: (disk) => loads.get(disk)?.clusters ?? 0,
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
  const stretch = stretchOf(machine);
  const { kernel, counters } = machine;
  const written = disk.tracker.groups.map(({ chunkCount }) => new Uint8Array(chunkCount));
  return new Flusher(kernel, disk.tracker, { ...spec, initialPass: true }, (chunk: ChunkRef, done) => {
    const entry = pass.entryOf(chunk.chunk);
    load?.forget(chunk.group, entry);
    let ns = 0;
    let bytes = 0;
    for (const op of pass.flush(chunk)) {
      ns += timer.durationNs(op) + timer.flushShareNs(op);
      if (op.purpose === 'data') bytes += op.count * op.bytes;
    }
    ns = Math.round(ns * stretch);
    machine.observe(`flusher ${disk.index}`, `chunk ${chunk.chunk}`, kernel.nowNs, kernel.nowNs + ns);
    kernel.schedule(ns, () => {
      if (!machine.stopAsked.fired) {
        counters.bytesWrittenRunning += bytes;
        if (written[chunk.group]![chunk.chunk]) counters.bytesRewrittenRunning += bytes;
        written[chunk.group]![chunk.chunk] = 1;
      }
      if (pass.holds(chunk.group, entry))
        load?.want(chunk.group, entry, disk.tracker.groups[chunk.group]!.count);
      done();
    });
  });
}

function* storeRest(machine: Machine, disk: Disk, pass: LastPass, load: EarlyLoad | undefined): Process {
  const timer = machine.timer(disk, 'store');
  yield timer.storeFixedNs();
  machine.lap('store_qemu');
  for (const g of disk.tracker.groups.keys())
    for (const chunk of disk.tracker.staleChunks(g)) {
      disk.tracker.markStored(g, chunk);
      load?.forget(g, pass.entryOf(chunk));
    }
  yield* machine.performStopped(pass.finish(), timer);
}

/**
 * What the core is told of the work left.
 *   off    nothing: the switch comes when RAM is ready
 *   bytes  bytes of stale chunks; bits: their bits, as the stream counts them
 *   on     the time the rest will take, as the bytes that the link would send in it: the core compares with
 *          bandwidth x limit, so bytes = threshold x time / limit is what makes it compare times
 */
function pendingBytes(
  machine: Machine,
  spec: PreFlushSpec,
  passOf: (disk: Disk) => LastPass,
  thresholdBytes: number,
): number {
  if (spec.pending === 'off') return 0;
  machine.catchUp();
  if (spec.pending !== 'on') {
    const bytes = machine.disks.reduce((sum, disk) => sum + passOf(disk).staleBytes(), 0);
    return bytes * (spec.pending === 'bits' ? 8 : 1);
  }
  const restNs = expectedNs(machine, (disk) => passOf(disk).preview());
  const limitNs = machine.scenario.migration.downtimeLimitNs;
  return limitNs === 0 ? Number.POSITIVE_INFINITY : (thresholdBytes * restNs) / limitNs;
}

/** What the store in the stop takes with these requests, disk after disk: QEMU's own time and the mean of each request. */
function expectedNs(machine: Machine, ops: (disk: Disk) => readonly StoreOp[]): TimeNs {
  return machine.disks.reduce((sum, disk) => {
    const timer = machine.timer(disk, 'estimate');
    return sum + timer.storeFixedNs() + timer.meanNs(ops(disk));
  }, 0);
}

/** A limit below the fixed part is never met, one below the stale chunks' part not at this rate of writes. */
function explain(machine: Machine, passOf: (disk: Disk) => LastPass, reason: string): string {
  const limitNs = machine.scenario.migration.downtimeLimitNs;
  const leastNs = expectedNs(machine, (disk) => passOf(disk).leastPreview());
  const restNs = expectedNs(machine, (disk) => passOf(disk).preview());
  const limit = `downtime-limit ${formatTime(limitNs)}`;
  if (leastNs >= limitNs)
    return `cannot meet the limit: with no chunk left the store still takes ${formatTime(leastNs)}, ${limit}`;
  if (restNs < limitNs) return `${reason}; the store takes ${formatTime(restNs)} of the ${limit}`;
  return (
    `cannot meet the limit: chunks become stale as fast as they are written, the last ${formatTime(restNs - leastNs)} ` +
    `of them and ${formatTime(leastNs)} for the rest of the store, ${limit}`
  );
}
