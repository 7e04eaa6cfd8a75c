import type { Row } from '../../sim/parameters/row.js';
import type { HostSpec } from '../../sim/scenario.js';
import type { Values } from '../values/fields.js';

const time = (path: string, help: string): Row => ({ path, kind: 'time', help });

/** What a host preset says (models/hosts/*.yaml): QEMU's own time. */
export const HOST_FIELDS: readonly Row[] = [
  time('write', 'CPU per write request'),
  time('punch', 'CPU per hole punch'),
  time('per-1000-l1-entries', 'overlap check of one write, per 1000 entries of the L1 table'),
  time('per-bitmap-mib', 'per MiB of bitmap in memory, once a store'),
  time('per-disk', 'per disk, once a store'),
  time('per-1000-scanned-clusters', 'refcount walk before the first allocation, per 1000 allocated clusters'),
  time('stream-piece', 'bitmap stream: per 1 KiB piece with a bit'),
  time('stream-zero-piece', 'bitmap stream: per empty 1 KiB piece'),
  time('ram-page', 'RAM: per page sent in full'),
  time('ram-zero-page', 'RAM: per zero page'),
  time('stop', 'halting the vCPUs and draining'),
  time('device-state', 'saving and sending the device state'),
  time('start', 'starting the vCPUs on the destination'),
  time('postcopy', 'extra stop of a switch to postcopy'),
];

/** The host of a preset's values; figures stated per thousand are taken apart. */
export function hostFrom(values: Values, name: string): HostSpec {
  return {
    name,
    perWriteNs: values.number('write'),
    perPunchNs: values.number('punch'),
    perL1EntryNs: values.number('per-1000-l1-entries') / 1000,
    perBitmapMiBNs: values.number('per-bitmap-mib'),
    perDiskNs: values.number('per-disk'),
    perScannedClusterNs: values.number('per-1000-scanned-clusters') / 1000,
    perStreamPieceNs: values.number('stream-piece'),
    perZeroPieceNs: values.number('stream-zero-piece'),
    perPageNs: values.number('ram-page'),
    perZeroPageNs: values.number('ram-zero-page'),
    stopNs: values.number('stop'),
    deviceStateNs: values.number('device-state'),
    startNs: values.number('start'),
    postcopyNs: values.number('postcopy'),
  };
}
