/** A storage as presets, fio and `storage.*` of a scenario describe it. */
import { InputError } from '../../base/errors.js';
import { DEVICE } from '../../sim/parameters/device.js';
import { type Groups, rows, type Spec } from '../../sim/parameters/row.js';
import type { LatencySpec, OpClass, OpCost, StorageSpec } from '../../sim/scenario.js';
import { NO_SPELLS } from '../../sim/storage/spells.js';
import { type Layer, readSpecs } from '../values/fields.js';

/** A class of op that carries data: the time of one op of a size, and what more bytes cost. */
function op<const Name extends string, const Optional extends boolean>(
  name: Name,
  at: string,
  help: string,
  optional: Optional,
) {
  return rows({
    latency: {
      path: `${name}.latency`,
      kind: 'latency',
      help: `${help}: time of one op at queue depth 1`,
      optional,
    },
    referenceBytes: {
      path: `${name}.at`,
      kind: 'size',
      help: `size of the op that ${name}.latency was stated for`,
      cited: false,
      default: at,
      allowed: 'of at least 1 byte',
    },
    bytesPerS: {
      path: `${name}.bandwidth`,
      kind: 'rate',
      help: `${help}: rate of the bytes beyond that size`,
      default: 'unlimited',
    },
  });
}

/** What a storage preset says (models/storage/*.yaml); every class of op that is left out costs what its neighbour costs. */
export const STORAGE = {
  write: op('write', '64k', 'write of a whole cluster', false),
  smallWrite: op('small-write', '4k', 'write of less than a cluster (left out: as write)', true),
  read: op('read', '64k', 'read (left out: as write)', true),
  punch: rows({
    latency: {
      path: 'punch.latency',
      kind: 'latency',
      help: 'hole punch (discard) of one cluster (default: as small-write)',
      optional: true,
    },
  }),
  flush: rows({
    latency: { path: 'flush.latency', kind: 'latency', help: 'flush with nothing written before it' },
  }),
  device: DEVICE,
} as const satisfies Groups;

type CostSpec = Spec<typeof STORAGE.smallWrite>;

const costOr = ({ latency, ...bytes }: CostSpec, neighbour: OpCost): OpCost =>
  latency === undefined ? neighbour : { latency, ...bytes };

/** An op that carries no data. */
const timeOnly = (latency: LatencySpec): OpCost => ({
  latency,
  referenceBytes: 0,
  bytesPerS: Number.POSITIVE_INFINITY,
});

/** The storage that the layers describe; a class of op that is left out costs what its neighbour costs. */
export function readStorage(layers: readonly Layer[], name: string): StorageSpec {
  const { device, ...told } = readSpecs(STORAGE, layers, name);
  const { write, flush } = told;
  if (device.slowFactor > 1 && (device.slowMeanNs === 0 || device.fastMeanNs === 0))
    throw new InputError(
      `${name}: spells.slow-factor is ${device.slowFactor}, so spells.slow-time and spells.fast-time must be above 0`,
    );
  const smallWrite = costOr(told.smallWrite, write);
  const ops: Record<OpClass, OpCost> = {
    write,
    smallWrite,
    read: costOr(told.read, write),
    punch: timeOnly(told.punch.latency ?? smallWrite.latency),
    flush: timeOnly(flush.latency),
  };
  return { name, ops, ...device };
}

/**
 * The storage with `--flush-latency` and `--flush-bandwidth` in place of its own values. A latency is then the whole
 * time of every request, whatever its size: all else that shapes it (bandwidth, host time, cache, limits, neighbours) is
 * in it. A bandwidth applies to every byte of writes and reads: beside a latency a request takes the sum of both.
 */
export function overrideStorage(spec: StorageSpec, latencyNs?: number, bytesPerS?: number): StorageSpec {
  if (latencyNs === undefined && bytesPerS === undefined) return spec;
  const bandwidth = bytesPerS ?? Number.POSITIVE_INFINITY;
  const change = (own: OpCost, carriesData: boolean): OpCost => ({
    latency: latencyNs === undefined ? own.latency : { kind: 'constant', ns: latencyNs },
    referenceBytes: carriesData ? 0 : own.referenceBytes,
    bytesPerS: carriesData ? bandwidth : own.bytesPerS,
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
    ...NO_SPELLS,
  };
}
