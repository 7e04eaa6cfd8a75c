/** The workload of an observed VM: the writes of each disk, which set bits as fast as bits were seen set. */
import { decimal, exactSize, percent } from '../../base/exact-text.js';
import { diskGuest, type WritePart } from './guest.js';
import type { Observation, ObservedDisk } from './observation.js';
import { assumed, observed, type Told, type ToldTree } from './told.js';

export interface GuestTree {
  readonly tree: ToldTree;
  readonly notes: readonly string[];
}

/** Weights are shares of all writes; a first touch in a million writes is one of them. */
const WEIGHT_DIGITS = 12;
const RATE_DIGITS = 6;

interface DiskWrites {
  readonly disk: ObservedDisk;
  readonly number: number;
  readonly parts: readonly WritePart[];
  readonly othersWrite: boolean;
}

function partTree({ disk, number }: DiskWrites, part: WritePart, totalPerS: number): ToldTree {
  const { perS, bytes, footprintBytes } = part;
  const fresh = footprintBytes === undefined;
  const rate = `${decimal(perS, 3)}/s on '${disk.node}'`;
  return {
    weight: observed(
      percent(perS / totalPerS, WEIGHT_DIGITS),
      fresh
        ? `${rate}: sets bits as fast as they were seen set`
        : `${rate}: the other writes, which set no bit`,
    ),
    disk: observed(number, `disks.${number}`),
    'write-size': assumed(
      exactSize(bytes),
      fresh ? 'one stretch of bits, from its counts' : 'of two sizes whose mean was seen',
    ),
    ...(footprintBytes !== undefined && {
      footprint: assumed(exactSize(footprintBytes), 'one place, written over and over'),
    }),
    ...(fresh && { pattern: assumed('uniform', 'anywhere on the disk: counts do not tell where') }),
  };
}

function ratesTold(all: readonly DiskWrites[], seconds: number, totalPerS: number): Told {
  const writes = all.reduce((sum, { disk }) => sum + (disk.requests?.write.count ?? 0), 0);
  const how = `${writes} writes of its devices in ${decimal(seconds, 1)} s`;
  const perS = Number(decimal(totalPerS, RATE_DIGITS));
  return all.some(({ othersWrite }) => othersWrite)
    ? observed(perS, `from the counts of set bits: ${how} cannot have set them`)
    : observed(perS, how);
}

function notesOf(all: readonly DiskWrites[]): readonly string[] {
  return all.flatMap(({ disk, othersWrite }) => {
    const recording = disk.bitmaps.filter((bitmap) => bitmap.recording);
    const unknown = recording.filter((bitmap) => bitmap.newBits === undefined);
    return [
      ...(othersWrite
        ? [
            `disk '${disk.node}': bits were set faster than its device's own writes can have done; an export or a job writes too`,
          ]
        : []),
      ...unknown.map(({ name }) =>
        unknown.length < recording.length
          ? `disk '${disk.node}': bitmap '${name}' came or was cleared while observed; the rate is that of the others`
          : `disk '${disk.node}': bitmap '${name}' came or was cleared while observed: how fast bits are set there is not known; observe again`,
      ),
    ];
  });
}

/** The workload, one part of a mix for each kind of write to each disk. */
export function guestTree({ disks, seconds }: Observation): GuestTree {
  const all = disks.map((disk, number): DiskWrites => ({ disk, number, ...diskGuest(disk, seconds) }));
  const totalPerS = all.reduce((sum, { parts }) => parts.reduce((inner, { perS }) => inner + perS, sum), 0);
  const notes = notesOf(all);
  if (totalPerS === 0)
    return {
      tree: { 'write-iops': observed(0, `no write and no bit set in ${decimal(seconds, 1)} s`) },
      notes: [
        ...notes,
        'nothing was written while it was observed: observe it when it is at work, or longer (--for)',
      ],
    };
  return {
    tree: {
      'write-iops': ratesTold(all, seconds, totalPerS),
      arrivals: assumed('poisson', 'two samples do not show bursts'),
      mix: all.flatMap((writes) => writes.parts.map((part) => partTree(writes, part, totalPerS))),
    },
    notes,
  };
}
