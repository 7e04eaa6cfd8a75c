/** The scenario of an observed VM: what it says of itself, and for the rest what is assumed, with the reason beside it. */
import { decimal, percent as exactPercent, exactSize } from '../../base/exact-text.js';
import { formatSize } from '../../base/units.js';
import { isRelease, RELEASES } from '../../sim/qemu/releases.js';
import { diskGuest } from './guest.js';
import { guestTree } from './guest-tree.js';
import type { Observation, ObservedBacking, ObservedBitmap, ObservedDisk } from './observation.js';
import { storageTree } from './storage-tree.js';
import { assumed, observed, type Told, type ToldTree } from './told.js';

export interface ObservedScenario {
  readonly tree: ToldTree;
  readonly notes: readonly string[];
}

/** Enough for one bit of the largest bitmap. */
const PERCENT_DIGITS = 9;
const percent = (share: number): string => exactPercent(share, PERCENT_DIGITS);

/** The release as the model knows it, or the nearest that it knows. */
function qemuTold([major, minor, micro]: Observation['qemu']): Told {
  const version = `${major}.${minor}.${micro}`;
  const release = `${major}.${minor}`;
  if (isRelease(release)) return observed(release, `QEMU ${version}`);
  const [oldest, newest] = [RELEASES[0]!, RELEASES.at(-1)!];
  return major < Number.parseInt(newest, 10)
    ? assumed(oldest, `the oldest that the model knows; this is ${version}`)
    : assumed(newest, `the newest that the model knows; this is ${version}`);
}

function groupTree(
  bitmap: Omit<ObservedBitmap, 'newBits'> & Partial<Pick<ObservedBitmap, 'newBits'>>,
  seconds: number,
): ToldTree {
  const { name, granularityBytes, recording, stored, bits, setBits, newBits } = bitmap;
  const rate =
    newBits === undefined || !recording ? '' : `, ${decimal(newBits / seconds, 3)} newly set a second`;
  return {
    count: observed(1, `bitmap '${name}'`),
    granularity: observed(exactSize(granularityBytes), 'its own'),
    recording: observed(recording ? 'on' : 'off', recording ? 'it records' : 'it is disabled'),
    dirty: observed(
      percent(setBits / bits),
      `${setBits} of ${bits} bits set${rate}; where they lie is not known`,
    ),
    history: observed(
      stored ? 'stored' : 'new',
      stored
        ? 'the image has an older copy, taken to hold as many clusters as are dirty now'
        : 'the image has no copy of it yet',
    ),
  };
}

function backingTree({ node, sizeBytes, clusterBytes, bitmaps }: ObservedBacking, seconds: number): ToldTree {
  return {
    size: observed(
      exactSize(sizeBytes),
      `image '${node}' under it, read-only: its bitmaps are read by the destination`,
    ),
    cluster: observed(exactSize(clusterBytes), 'its own'),
    bitmaps: bitmaps.map((bitmap) => {
      const { count, granularity, dirty } = groupTree(bitmap, seconds) as Readonly<Record<string, ToldTree>>;
      return { count: count!, granularity: granularity!, dirty: dirty! };
    }),
  };
}

/** The walk over refcounts at a store is paid before it where the guest makes the image grow. */
function allocatedTold({ allocatedBytes, grew, sizeBytes, dataFile }: ObservedDisk): Told {
  if (allocatedBytes === undefined || dataFile)
    return assumed(
      '0%',
      dataFile ? 'the data lies in a file of its own' : 'its storage does not say how much is allocated',
    );
  if (grew)
    return observed(
      '0%',
      `the image grew to ${formatSize(allocatedBytes)}: free clusters were found since it was opened`,
    );
  return assumed(
    percent(Math.min(1, allocatedBytes / sizeBytes)),
    `all of the ${formatSize(allocatedBytes)} it takes, none of it since it was opened; 0% if the guest has allocated since`,
  );
}

const writesPerS = (disk: ObservedDisk, seconds: number): number =>
  diskGuest(disk, seconds).parts.reduce((sum, { perS }) => sum + perS, 0);

function diskTree(disk: ObservedDisk, seconds: number, totalPerS: number): ToldTree {
  return {
    size: observed(exactSize(disk.sizeBytes), `node '${disk.node}', ${disk.file}`),
    cluster: observed(exactSize(disk.clusterBytes), 'the image'),
    allocated: allocatedTold(disk),
    // Weights of which none is above 0 would say nothing.
    ...(totalPerS > 0 && {
      writes: observed(Number(decimal(writesPerS(disk, seconds), 6)), 'writes a second: its share of all'),
    }),
    discard: assumed('on', 'QEMU does not say whether discards reach the storage'),
    ...(disk.dataFile && { 'data-file': observed('on', 'the image') }),
    bitmaps:
      disk.bitmaps.length === 0
        ? observed(0, 'none of its own')
        : disk.bitmaps.map((bitmap) => groupTree(bitmap, seconds)),
    ...(disk.backing.length > 0 && { backing: disk.backing.map((image) => backingTree(image, seconds)) }),
  };
}

/** What a general-purpose guest is taken for: models/workloads/cloud-average.yaml. */
const RAM = { used: 0.6, workingSet: 0.05, dirtyRate: '20MiB/s' } as const;
const PAGE_BYTES = 4096;
/** Distinct pages seen dirty are at most this part of the pages that the guest works on. */
const SEEN_MAX = 0.5;

/** Pages that a rate dirties in t seconds saturate: W (1 - e^(-rate t / W)). This is the rate that gives what was seen. */
function ramTree({ ramBytes, dirtied }: Observation): ToldTree {
  const size =
    ramBytes === undefined
      ? assumed('16G', 'this QEMU does not say')
      : observed(exactSize(ramBytes), 'query-memory-size-summary');
  const used = assumed(percent(RAM.used), 'QEMU does not say which pages are zero');
  if (dirtied === undefined) {
    const why = 'as a general-purpose guest; --dirty-rate measures it';
    return {
      size,
      used,
      'working-set': assumed(percent(RAM.workingSet), why),
      'dirty-rate': assumed(RAM.dirtyRate, why),
    };
  }
  const { bytes, seconds } = dirtied;
  const workingSet = Math.max(RAM.workingSet * (ramBytes ?? 2 ** 34), bytes / SEEN_MAX);
  const perS = (-workingSet / seconds) * Math.log1p(-bytes / workingSet);
  return {
    size,
    used,
    'working-set': assumed(
      exactSize(Math.ceil(workingSet / PAGE_BYTES) * PAGE_BYTES),
      '5 % of the RAM, or twice what was dirtied where that is more',
    ),
    'dirty-rate': observed(
      `${Math.round(perS)}B/s`,
      `${formatSize(bytes)} of pages dirtied in ${seconds} s, in that working set`,
    ),
  };
}

/** `128MiB/s`; 0 is QEMU's word for no limit. */
function rateText(bytesPerS: number): string {
  if (bytesPerS === 0) return 'unlimited';
  const unit = bytesPerS % 2 ** 20 === 0 ? 2 ** 20 : 1;
  return `${bytesPerS / unit}${unit === 1 ? '' : 'Mi'}B/s`;
}

function migrationTree({ downtimeLimitMs, maxBytesPerS, capabilities }: Observation): ToldTree {
  const now = 'as set now; management may set another when it migrates';
  return {
    'downtime-limit': observed(`${downtimeLimitMs}ms`, `query-migrate-parameters, ${now}`),
    'max-bandwidth': observed(rateText(maxBytesPerS), `query-migrate-parameters, ${now}`),
    'return-path': observed(capabilities.has('return-path') ? 'on' : 'off', 'query-migrate-capabilities'),
  };
}

/** Capabilities that the model has no part for, and that change how long a migration takes. */
const NOT_MODELLED = ['auto-converge', 'multifd', 'xbzrle', 'compress', 'zero-copy-send', 'x-colo'];

function notesOf(observation: Observation): readonly string[] {
  const { capabilities, status, disks } = observation;
  const left = NOT_MODELLED.filter((name) => capabilities.has(name));
  const unsafe = disks.filter((disk) => disk.unflushed);
  return [
    ...observation.notes,
    ...(status === 'running' ? [] : [`the VM is ${status}: what it writes when it runs is not known`]),
    ...(capabilities.has('dirty-bitmaps')
      ? [
          'dirty-bitmaps is on: its next migration sends the bitmaps in the stream (dont-store), unless that is changed',
        ]
      : []),
    ...(left.length > 0 ? [`${left.join(', ')} on: not in the model`] : []),
    ...unsafe.map(
      (disk) => `disk '${disk.node}' ignores flushes (cache=unsafe): its stop is shorter than predicted`,
    ),
  ];
}

/** The scenario. `storage`: what the user knows of the storage, in place of what the guest's requests tell of it. */
export function scenarioOf(observation: Observation, storage: string | undefined): ObservedScenario {
  const { seconds, disks } = observation;
  const totalPerS = disks.reduce((sum, disk) => sum + writesPerS(disk, seconds), 0);
  const guest = guestTree(observation);
  const device = storageTree(observation, storage);
  return {
    tree: {
      qemu: qemuTold(observation.qemu),
      disks: disks.map((disk) => diskTree(disk, seconds, totalPerS)),
      ram: ramTree(observation),
      storage: device.tree,
      workload: guest.tree,
      link: assumed('10gbit', 'a VM does not know the network of its next migration'),
      host: assumed('lab', "QEMU's own processor time on the host is not known"),
      migration: migrationTree(observation),
    },
    notes: [...notesOf(observation), ...guest.notes, ...device.notes],
  };
}
