/** QEMU's own CPU time, shared by all storages of a host. Figures and their sources: models/hosts/. */
import { rows, type Spec } from './row.js';

export const HOST = rows({
  perWriteNs: { path: 'write', kind: 'time', help: 'CPU per write request' },
  perPunchNs: { path: 'punch', kind: 'time', help: 'CPU per hole punch' },
  /** Each write scans the L1 table (one entry per L2 table) and the refcount table. */
  perL1EntryNs: {
    path: 'per-1000-l1-entries',
    kind: 'time',
    per: 1000,
    help: 'overlap check of one write, per 1000 entries of the L1 table',
  },
  perBitmapMiBNs: { path: 'per-bitmap-mib', kind: 'time', help: 'per MiB of bitmap in memory, once a store' },
  perDiskNs: { path: 'per-disk', kind: 'time', help: 'per disk, once a store' },
  perScannedClusterNs: {
    path: 'per-1000-scanned-clusters',
    kind: 'time',
    per: 1000,
    help: 'refcount walk before the first allocation, per 1000 allocated clusters',
  },
  /** The source's where page faults and system calls are quick, else the destination's, which has more of them. */
  perStreamPieceNs: {
    path: 'stream-piece',
    kind: 'time',
    help: 'bitmap stream: per 1 KiB piece with a bit, on the slower of the two sides',
  },
  perZeroPieceNs: {
    path: 'stream-zero-piece',
    kind: 'time',
    help: 'bitmap stream: per empty 1 KiB piece, on the slower of the two sides',
  },
  /** After the last piece the destination builds the upper levels of the bitmap, full or empty (hbitmap_deserialize_finish). */
  perReceivedMiBNs: {
    path: 'stream-load-mib',
    kind: 'time',
    help: 'bitmap stream: the destination, per MiB of bitmap once all of it has come',
  },
  /** A bitmap that was loaded or received is counted anew, word by word; words without a bit are passed over. */
  perRecountedWordNs: {
    path: 'recount-1000-words',
    kind: 'time',
    per: 1000,
    help: 'loaded or received bitmaps are counted anew: per 1000 words of 64 bits that have one',
  },
  /** Left out: too little to be told from the rest, as where the processor walks the page tables of guests by itself. */
  perPageFaultNs: {
    path: 'page-fault',
    kind: 'time',
    optional: true,
    help: 'the destination: first access to a page (4 KiB) of a bitmap that is loaded or received',
  },
  perPageNs: { path: 'ram-page', kind: 'time', help: 'RAM: per page sent in full' },
  perZeroPageNs: { path: 'ram-zero-page', kind: 'time', help: 'RAM: per zero page' },
  perMarkNs: {
    path: 'ram-mark',
    kind: 'time',
    default: '900ns',
    min: 1,
    allowed: 'of at least 1ns',
    help: 'RAM: an iteration with nothing to send',
  },
  perSyncNs: {
    path: 'ram-sync',
    kind: 'time',
    default: '65us',
    help: 'RAM: a reading of the dirty log, where a migration that waits has one in every iteration',
  },
  /** Standard deviation of its logarithm. */
  ramSpread: {
    path: 'ram-spread',
    kind: 'share',
    default: '0%',
    help: 'RAM: how much the bandwidth of one migration differs from that of another',
  },
  perMirroredNs: {
    path: 'mirror-request',
    kind: 'time',
    default: '155us',
    help: 'mirrored disks: the processor, for one request of a mirror, on both sides',
  },
  /** Through two more processes: the mirror, and the export of the copy. */
  perMirrorHopNs: {
    path: 'mirror-hop',
    kind: 'time',
    default: '1ms',
    help: 'mirrored disks: what a request of a mirror takes beside its read, its write and the link',
  },
  stopNs: { path: 'stop', kind: 'time', help: 'halting the vCPUs and draining' },
  deviceStateNs: { path: 'device-state', kind: 'time', help: 'saving and sending the device state' },
  startNs: { path: 'start', kind: 'time', help: 'starting the vCPUs on the destination' },
  /** The destination discards what is dirty, page by page, and registers all of its RAM. */
  postcopyRamNs: {
    path: 'postcopy-ram',
    kind: 'time',
    default: '40ms',
    help: 'extra stop of a switch to post-copy of RAM',
  },
  /** In it the bitmaps follow after the resume (measured: 3-8 ms). */
  postcopyNs: { path: 'postcopy', kind: 'time', help: 'extra stop of a switch to postcopy' },
});

export type HostFigure = keyof typeof HOST;

/**
 * `spread`: standard deviation of a figure over the machines that the preset stands for, as far as it is known; 0 where
 * there is none. It enters the intervals of predictions.
 */
export type HostSpec = Spec<typeof HOST> & {
  readonly name: string;
  readonly spread?: Readonly<Partial<Record<HostFigure, number>>>;
};
