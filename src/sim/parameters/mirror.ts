/** Disks that are copied along, where the hosts share no storage. */
import { GRANULARITY_LIMITS } from './limits.js';
import { rows } from './row.js';

export const MIRROR = rows({
  /** virsh --copy-storage-all, Proxmox's local disks, KubeVirt's volumes of one node. */
  copyMode: {
    path: 'mirror.copy-mode',
    label: 'mirror of the disks',
    flag: 'mirror',
    kind: 'choice',
    choices: ['off', 'background', 'write-blocking'],
    optional: true,
    help: 'disks are copied to the destination by blockdev-mirror, in this copy-mode; off or left out: storage is shared',
  },
  target: {
    path: 'mirror.target',
    flag: 'mirror-target',
    kind: 'text',
    optional: true,
    help: 'storage of the copies on the destination (as for storage; left out: the same kind as the source)',
  },
  granularityBytes: {
    path: 'mirror.granularity',
    kind: 'power-of-two',
    optional: true,
    ...GRANULARITY_LIMITS,
    help: 'what the mirror copies anew for each write of the guest (left out: 64 KiB, as QEMU has it for clusters of 64 KiB and more)',
  },
  bytesPerS: {
    path: 'mirror.speed',
    kind: 'rate',
    optional: true,
    help: 'limit of each mirror (left out: none)',
  },
  /** Seen in the lab: its own program takes half a millisecond. */
  managementNs: {
    path: 'mirror.management',
    kind: 'time',
    optional: true,
    help: 'in the stop, how long management takes to answer QEMU each of three times: to end the mirrors, to let the migration go on, to let the guest run (left out: 1 ms)',
  },
});
