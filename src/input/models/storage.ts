import type { Row } from '../../sim/parameters/row.js';
import type { LatencySpec, OpClass, OpCost, StorageSpec } from '../../sim/scenario.js';
import type { Values } from '../values/fields.js';

const CLUSTER = '64k';

const op = (name: string, at: string, help: string, required: boolean): readonly Row[] => [
  {
    path: `${name}.latency`,
    kind: 'latency',
    help: `${help}: time of one op at queue depth 1`,
    optional: !required,
  },
  {
    path: `${name}.at`,
    kind: 'size',
    help: `size of the op that ${name}.latency was stated for`,
    cited: false,
    default: at,
    allowed: 'of at least 1 byte',
  },
  {
    path: `${name}.bandwidth`,
    kind: 'rate',
    help: `${help}: bytes beyond that size cost this much more`,
    default: 'unlimited',
  },
];

/** What a storage preset says (models/storage/*.yaml); every class of op that is left out costs what its neighbour costs. */
export const STORAGE_FIELDS: readonly Row[] = [
  ...op('write', CLUSTER, 'write of a whole cluster', true),
  ...op('small-write', '4k', 'write of less than a cluster (left out: as write)', false),
  ...op('read', CLUSTER, 'read (left out: as write)', false),
  {
    path: 'punch.latency',
    kind: 'latency',
    help: 'hole punch (discard) of one cluster (left out: as small-write)',
    optional: true,
  },
  { path: 'flush.latency', kind: 'latency', help: 'flush with nothing written before it' },
  {
    path: 'flush.per-64k',
    kind: 'time',
    help: 'part of a flush for every 64 KiB written before it',
    default: '0s',
  },
  {
    path: 'channels',
    kind: 'count',
    help: 'ops the device serves at once',
    default: 1,
    min: 1,
    allowed: 'of at least 1',
  },
  {
    path: 'other-load',
    kind: 'share',
    help: 'share of the device that others take, always',
    default: '0%',
    max: 0.99,
    allowed: 'from 0% to 99%',
  },
  {
    path: 'iops-limit',
    kind: 'number',
    help: 'ops per second of a token bucket',
    default: 'unlimited',
    min: 1e-3,
    allowed: 'above 0',
  },
  { path: 'iops-burst', kind: 'count', help: 'ops that the full bucket holds', default: 0 },
  {
    path: 'host-cache',
    kind: 'choice',
    choices: ['none', 'writeback'],
    help: 'writeback: writes end in the host page cache, the next flush pays',
    default: 'none',
  },
  {
    path: 'includes-host',
    kind: 'switch',
    help: 'latencies are as QEMU sees them, its own time included',
    default: false,
  },
];

function cost(values: Values, name: string, fallback?: OpCost): OpCost {
  const latency = values.get<LatencySpec | undefined>(`${name}.latency`);
  if (latency === undefined) return fallback!;
  return {
    latency,
    referenceBytes: values.number(`${name}.at`),
    bytesPerS: values.number(`${name}.bandwidth`),
  };
}

/** The storage of a preset's values; a class of op that is left out costs what its neighbour costs. */
export function storageFrom(values: Values, name: string): StorageSpec {
  const write = cost(values, 'write');
  const smallWrite = cost(values, 'small-write', write);
  const timeOnly = (latency: LatencySpec): OpCost => ({
    latency,
    referenceBytes: 0,
    bytesPerS: Number.POSITIVE_INFINITY,
  });
  const ops: Record<OpClass, OpCost> = {
    write,
    smallWrite,
    read: cost(values, 'read', write),
    punch: timeOnly(values.get<LatencySpec | undefined>('punch.latency') ?? smallWrite.latency),
    flush: timeOnly(values.get<LatencySpec>('flush.latency')),
  };
  return {
    name,
    ops,
    flushNsPerByte: values.number('flush.per-64k') / 65_536,
    channels: values.number('channels'),
    otherLoad: values.number('other-load'),
    opsPerS: values.number('iops-limit'),
    burstOps: values.number('iops-burst'),
    hostCache: values.get<StorageSpec['hostCache']>('host-cache'),
    includesHost: values.get<boolean>('includes-host'),
  };
}

/**
 * The storage with `--flush-latency` and `--flush-bandwidth` in place of its own figures. A latency is then what
 * QEMU sees of every op, so everything else that shapes an op's time (host time, cache, limits, neighbours) is in it;
 * a bandwidth applies to every byte of writes and reads.
 */
export function overrideStorage(spec: StorageSpec, latencyNs?: number, bytesPerS?: number): StorageSpec {
  if (latencyNs === undefined && bytesPerS === undefined) return spec;
  const change = (own: OpCost, carriesData: boolean): OpCost => ({
    latency: latencyNs === undefined ? own.latency : { kind: 'constant', ns: latencyNs },
    referenceBytes: bytesPerS === undefined || !carriesData ? own.referenceBytes : 0,
    bytesPerS: bytesPerS === undefined || !carriesData ? own.bytesPerS : bytesPerS,
  });
  const ops: Record<OpClass, OpCost> = {
    write: change(spec.ops.write, true),
    smallWrite: change(spec.ops.smallWrite, true),
    read: change(spec.ops.read, true),
    punch: change(spec.ops.punch, false),
    flush: change(spec.ops.flush, false),
  };
  if (latencyNs === undefined) return { ...spec, ops };
  return {
    ...spec,
    ops,
    flushNsPerByte: 0,
    otherLoad: 0,
    opsPerS: Number.POSITIVE_INFINITY,
    burstOps: 0,
    hostCache: 'none',
    includesHost: true,
  };
}
