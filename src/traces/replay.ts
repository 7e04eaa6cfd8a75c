/** A trace as a guest: its writes in memory, ready to be replayed by the per-write engine. */
import { statSync } from 'node:fs';
import { InputError } from '../base/errors.js';
import type { TraceGuestSpec } from '../sim/scenario.js';
import { REORDER_RECORDS } from './order.js';
import { Kind } from './record.js';
import { besideOtherCpus, openTrace } from './trace.js';
import { WriteColumns, type Writes } from './write-columns.js';

export interface TraceGuestOptions {
  readonly format?: string | undefined;
  /** Only this device; it becomes disk 0. Without it, devices become disks in the order of their first write. */
  readonly device?: string | undefined;
  /** Where in the trace the replay starts. */
  readonly startNs?: number | undefined;
  /** Start again at the trace's end; else the guest falls silent there. */
  readonly loop?: boolean | undefined;
  /** Times are divided by this. */
  readonly rate?: number | undefined;
  /** Offsets are multiplied by this whole number, to spread the trace over a larger disk. */
  readonly stretch?: number | undefined;
}

export interface LoadedTraceGuest {
  readonly guest: TraceGuestSpec;
  /** Names of the devices, by disk index. */
  readonly devices: readonly string[];
  /** End of the farthest write of each device: its disk has at least this size. */
  readonly extentsBytes: readonly number[];
  /** What the user should know, one sentence each. */
  readonly notes: readonly string[];
}

/** 26 bytes each in memory, and again in every worker; 34 while they are read. */
const WRITES_MAX = 20_000_000;
const DISKS_MAX = 65_536;
/** As `ask` takes the format. */
const FORMAT_FLAG = '--trace-format';

interface Recorded {
  readonly writes: Writes;
  readonly startNs: number;
  readonly endNs: number;
  readonly devices: readonly string[];
  readonly extentsBytes: readonly number[];
  readonly notes: readonly string[];
}

async function readWrites(path: string, options: TraceGuestOptions): Promise<Recorded> {
  const others = await besideOtherCpus(path);
  const trace = await openTrace([path, ...others], {
    format: options.format,
    formatFlag: FORMAT_FLAG,
    reorderRecords: REORDER_RECORDS,
  });
  if (others.length > 0)
    trace.notes.push(`read together with ${others.length} file(s) of other CPUs beside it`);
  const writes = new WriteColumns();
  const names = trace.devices.names;
  const disks = new Map<number, number>();
  const extentsBytes: number[] = [];
  let startNs = Number.NaN;
  for await (const batch of trace.records()) {
    if (Number.isNaN(startNs)) startNs = batch.timesNs[0]!;
    for (let i = 0; i < batch.count; i++) {
      const device = batch.devices[i]!;
      if (batch.kinds[i] !== Kind.write) continue;
      if (options.device !== undefined && names[device] !== options.device) continue;
      let disk = disks.get(device);
      if (disk === undefined) disks.set(device, (disk = disks.size));
      writes.push(batch.timesNs[i]! - startNs, disk, batch.offsetsBytes[i]!, batch.lengthsBytes[i]!);
      extentsBytes[disk] = Math.max(extentsBytes[disk] ?? 0, batch.offsetsBytes[i]! + batch.lengthsBytes[i]!);
    }
    if (writes.count > WRITES_MAX)
      throw new InputError(
        `${path}: has more than ${WRITES_MAX} writes${options.device === undefined ? '' : ` of device '${options.device}'`}, too many to hold in memory for a replay; ` +
          'choose one device (--trace-device), cut it, or fit a workload to it (stopgap workload --fit)',
      );
  }
  if (writes.count === 0)
    throw new InputError(
      options.device === undefined
        ? `${path}: has no write to replay`
        : `${path}: has no write of device '${options.device}'; it has ${names.slice(0, 20).join(', ')}`,
    );
  if (disks.size > DISKS_MAX)
    throw new InputError(
      `${path}: has ${disks.size} devices with writes, more than a VM can have; choose one`,
    );
  // A whole second lasts until its end.
  const endNs = trace.latestNs + (trace.format.wholeSeconds ? 1e9 : 0);
  const devices = [...disks.keys()].map((device) => names[device]!);
  return { writes: writes.take(), startNs, endNs, devices, extentsBytes, notes: trace.notes };
}

/** One trace is read once, however many points of a sweep replay it. */
let latest: { key: string; recorded: Promise<Recorded> } | undefined;

function recordedWrites(path: string, options: TraceGuestOptions): Promise<Recorded> {
  const stats = statSync(path, { throwIfNoEntry: false });
  const key = JSON.stringify([path, stats?.mtimeMs, stats?.size, options.format, options.device]);
  if (latest?.key !== key) latest = { key, recorded: readWrites(path, options) };
  return latest.recorded;
}

/** Loads the writes of a trace. Throws InputError where it cannot be replayed. */
export async function loadTraceGuest(
  path: string,
  options: TraceGuestOptions = {},
): Promise<LoadedTraceGuest> {
  const { writes, startNs, endNs, devices, extentsBytes, notes } = await recordedWrites(path, options);
  const { startNs: offsetNs = 0, loop = true, rate = 1, stretch = 1 } = options;
  const durationNs = endNs - startNs;
  if (offsetNs >= durationNs && offsetNs > 0)
    throw new InputError(
      `${path}: lasts ${durationNs / 1e9} s; it cannot be replayed from ${offsetNs / 1e9} s on`,
    );
  return {
    guest: {
      kind: 'trace',
      name: path,
      ...writes,
      durationNs,
      startNs: offsetNs,
      loop,
      rate,
      stretch,
    },
    devices,
    extentsBytes,
    notes,
  };
}
