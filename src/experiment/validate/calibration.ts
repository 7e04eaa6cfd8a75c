/** The calibration columns of a measured row as a storage of the model; nothing else of the row is looked at. */
import type { HostSpec, LatencySpec, OpCost, StorageSpec } from '../../sim/scenario.js';
import { HOST_TERMS } from '../../sim/storage/hosttime.js';
import type { MeasuredRow } from './rows.js';

const LARGE_BYTES = 65_536;
const SMALL_BYTES = 4_096;
const NS_PER_US = 1_000;

export const constant = (us: number): LatencySpec => ({ kind: 'constant', ns: us * NS_PER_US });

export const timeOnly = (us: number): OpCost => ({
  latency: constant(us),
  referenceBytes: 0,
  bytesPerS: Number.POSITIVE_INFINITY,
});

/** Nothing but the ops: one channel, no neighbours, no limits. */
export const PLAIN = {
  flushNsPerByte: 0,
  channels: 1,
  otherLoad: 0,
  opsPerS: Number.POSITIVE_INFINITY,
  burstOps: 0,
  hostCache: 'none',
  includesHost: false,
} as const;

/** Queue depth 1 times of 4 and 64 KiB; beyond 64 KiB by the streaming rate. */
export function calibratedVolume(row: MeasuredRow): StorageSpec {
  const bytesPerS = row.number('stream_mb_per_s') * 1e6;
  const carries = (us: number, referenceBytes: number): OpCost => ({
    latency: constant(us),
    referenceBytes,
    bytesPerS,
  });
  return {
    name: 'calibrated volume',
    ops: {
      write: carries(row.number('write_64k_us'), LARGE_BYTES),
      smallWrite: carries(row.number('write_4k_us'), SMALL_BYTES),
      read: carries(row.number('read_64k_us'), LARGE_BYTES),
      punch: timeOnly(row.optional('trim_64k_us') ?? 0),
      flush: timeOnly(row.number('flush_us')),
    },
    ...PLAIN,
  };
}

/** The machine that the rows were measured on. */
export const LAB_HOST: HostSpec = {
  name: 'laboratory',
  perPageNs: 0,
  perZeroPageNs: 0,
  stopNs: 0,
  deviceStateNs: 0,
  startNs: 0,
  postcopyNs: 5e6,
  perStreamPieceNs: 800,
  perZeroPieceNs: 1_200,
  ...(Object.fromEntries(HOST_TERMS.map(({ key, ns }) => [key, ns])) as Pick<
    HostSpec,
    'perWriteNs' | 'perPunchNs' | 'perL1EntryNs' | 'perBitmapMiBNs' | 'perDiskNs' | 'perScannedClusterNs'
  >),
};
