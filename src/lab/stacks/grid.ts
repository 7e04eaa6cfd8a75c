/**
 * What is played: nearly every stack, with a guest at rest and one that dirties 8 MB/s, and disks from where every stream
 * passes to where none does without a ramp. No size is near an edge that the speed of the machine sets, but where a ramp looks
 * for it.
 */
import { presetNames } from '../../input/presets.js';
import type { DirtyGuest } from '../ram/boot-sector.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** So slow that sending RAM fills windows whatever else the machine does. */
export const WIRE_BYTES_PER_S = 70e6;

/** Its live update is of QEMU 10.0, and hands RAM over in place. */
const NOT_PLAYED = 'live-update';

const SIZES_GIB = [16, 512, 2048, 8192, 32_768, 131_072];
/** Its ramp doubles until the limit is long enough: the last two sizes lie between two of its limits. */
const DOUBLING = 'proxmox-pbs';
const SIZES_OF_DOUBLING: Readonly<Record<GuestName, readonly number[]>> = {
  idle: [16, 512, 2048, 8192, 28_672, 114_688],
  busy: [16, 512, 2048, 8192, 19_456, 77_824],
  small: SIZES_GIB,
};

/** Five per cent below and above the largest disk that the model lets through, where RAM fills windows of the wire. */
const EDGES: readonly (readonly [stack: string, guestName: GuestName, sizesGib: readonly number[]])[] = [
  ['libvirt-stream', 'idle', [1164, 1287]],
  ['libvirt-stream', 'busy', [1164, 1287]],
  ['kubevirt-cbt', 'idle', [582, 643]],
];

const FULL = { spanBytes: 64 * MIB, usedBytes: 64 * MIB, workingSetBytes: 16 * MIB };
const GUESTS = {
  idle: { ...FULL, pagesPerS: 0 },
  busy: { ...FULL, pagesPerS: 2000 },
  /** Nothing but what the firmware leaves: its RAM fills no window. */
  small: { spanBytes: 64 * MIB, usedBytes: MIB / 2, workingSetBytes: MIB / 4, pagesPerS: 0 },
} as const satisfies Readonly<Record<string, DirtyGuest>>;

export type GuestName = keyof typeof GUESTS;

export interface Cell {
  readonly stack: string;
  readonly guestName: GuestName;
  readonly diskBytes: number;
}

/**
 * Is there a guest of this name?
 * @internal
 */
export const isGuestName = (name: string): name is GuestName => name in GUESTS;
/** The guest itself. */
export const guestOf = (name: GuestName): DirtyGuest => GUESTS[name];

/** Six sizes for each guest of each stack, the small one where a stream meets nothing but the limit; and the edges. */
export function stackCells(): readonly Cell[] {
  const stacks = presetNames('stack').filter((name) => name !== NOT_PLAYED);
  const sizesOf = (stack: string, guestName: GuestName): readonly number[] =>
    stack === DOUBLING ? SIZES_OF_DOUBLING[guestName] : SIZES_GIB;
  const played = [
    ...stacks.flatMap((stack) =>
      (['idle', 'busy'] as const).map((guestName) => [stack, guestName, sizesOf(stack, guestName)] as const),
    ),
    ['libvirt-stream', 'small', SIZES_GIB] as const,
    ...EDGES,
  ];
  return played.flatMap(([stack, guestName, sizes]) =>
    sizes.map((gib) => ({ stack, guestName, diskBytes: gib * GIB })),
  );
}
