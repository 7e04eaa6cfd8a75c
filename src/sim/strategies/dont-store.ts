/**
 * Nothing is written to the image.
 *   drop      the bitmap stays in the source's memory; the destination starts without one
 *   stream    sent in the stop, as plain pre-copy with the dirty-bitmaps capability does; its
 *             pending counts one "byte" per bit and never falls, unless QEMU is `fixed`
 *   postcopy  sent after the resume; the destination records new writes beside it and merges
 */
import { remembered } from '../../base/remembered.js';
import { formatTime } from '../../base/units.js';
import type { Process } from '../../kernel/process.js';
import { nonZeroIn } from '../guest/counts.js';
import { bitsAreFixed } from '../guest/fixed-bits.js';
import type { Machine } from '../machine/machine.js';
import { bitmapBits } from '../qcow2/geometry.js';
import {
  PIECE_BITS,
  pendingBits,
  receiveNs,
  type StreamedBitmaps,
  sendNs,
  streamed,
} from '../qcow2/stream.js';
import type { Scenario } from '../scenario.js';
import { wordsWithBits } from '../stop/recount.js';
import { type NoRows, STORED, type StrategyDefinition } from './definition.js';
import type { Strategy } from './strategy.js';

export type DontStoreSpec = {
  readonly name: 'dont-store';
  readonly variant: 'drop' | 'stream' | 'postcopy';
};

const IN_STREAM = { ...STORED, dirtyBitmaps: true } as const;

export const dontStore: StrategyDefinition<DontStoreSpec, NoRows> = {
  name: 'dont-store',
  summary: 'all variants of not storing: drop, stream, postcopy',
  role: 'alternative',
  byDefault: true,
  built: true,
  parameters: {},
  variantField: 'variant',
  variants: [
    {
      name: 'drop',
      summary: 'stays in the memory of the source; the destination starts without it',
      colour: '#56B4E9',
      routes: [{ ...STORED, name: 'transient', persistent: false }],
    },
    {
      name: 'stream',
      summary: 'sent with the migration stream, inside the stop (dirty-bitmaps capability)',
      colour: '#0072B2',
      routes: [
        { ...IN_STREAM, name: 'stream' },
        { ...IN_STREAM, name: 'stream-transient', persistent: false },
      ],
    },
    {
      name: 'postcopy',
      summary: 'sent after the destination runs',
      colour: '#CC79A7',
      routes: [{ ...IN_STREAM, name: 'stream-postcopy', postcopy: true }],
      remark: (label, { bitmapReadyMs }) =>
        `${label} delivers the bitmap ${formatTime(bitmapReadyMs * 1e6)} after the resume; a link that breaks before loses it.`,
    },
  ],
  hooks: ({ variant }) => HOOKS[variant],
};

const DELIVERED = { delivers: true, loadsFromImage: false, chunkBytes: PIECE_BITS / 8 } as const;

const HOOKS: Readonly<Record<DontStoreSpec['variant'], Strategy>> = {
  drop: { delivers: false, loadsFromImage: false, isPlain: () => true },
  stream: {
    ...DELIVERED,
    // What it sends follows from the bits themselves, not from the clusters that hold some.
    isPlain: (scenario) => bitsAreFixed(scenario) && !scenario.qemu.fixed,
    steadyPending: allBitsOf,
    pending,
    inStream: sendUnlessLater,
    afterResume: sendIfLater,
  },
  postcopy: { ...DELIVERED, isPlain: bitsAreFixed, inStream: switchToPostcopy, afterResume: sendLater },
};

/** The core asks again and again. */
const allBits = new WeakMap<Scenario, number>();

const bitsOf = ({ disks }: Scenario): number =>
  disks.reduce(
    (sum, { sizeBytes, bitmaps }) =>
      bitmaps.reduce(
        (inner, { granularityBytes, count }) =>
          inner + pendingBits(bitmapBits(sizeBytes, granularityBytes), count),
        sum,
      ),
    0,
  );

/** What the core is told: all bits of all bitmaps, as bytes (dirty_bitmap_save_pending); `fixed`: the bytes to send. */
function pending(machine: Machine): number {
  if (machine.scenario.qemu.fixed) {
    machine.catchUp();
    return toSend(machine).bytes;
  }
  return allBitsOf(machine.scenario);
}

function allBitsOf(scenario: Scenario): number {
  return remembered(allBits, scenario, () => bitsOf(scenario));
}

/** Pieces and bytes of all bitmaps as they are now. */
function toSend(machine: Machine): StreamedBitmaps {
  const parts = machine.disks.flatMap(({ tracker }) =>
    tracker.groups.map(({ bits, setCount, count }) => streamed(bits, nonZeroIn(setCount), count)),
  );
  const total = (pick: (part: StreamedBitmaps) => number): number =>
    parts.reduce((sum, part) => sum + pick(part), 0);
  return {
    pieces: total((part) => part.pieces),
    nonZeroPieces: total((part) => part.nonZeroPieces),
    bytes: total((part) => part.bytes),
  };
}

/**
 * Sends everything, as fast as the slower of link and processor allows; max-bandwidth does not hold in the stop. What the
 * destination has still to do then it does while the source goes on.
 */
function* send(machine: Machine): Process {
  const stream = toSend(machine);
  const { host, link } = machine.scenario;
  machine.counters.streamBytes += stream.bytes;
  yield* machine.send(Math.round(sendNs(stream, host, link)), stream.bytes);
  const words = machine.disks.reduce((sum, { tracker }) => sum + wordsWithBits(tracker), 0);
  machine.destinationBusy(receiveNs(stream, words, host));
  for (const disk of machine.disks) machine.markAllStored(disk);
}

/** In a post-copy of RAM bitmaps in the stream follow too (dirty_bitmap_has_postcopy). */
function* sendUnlessLater(machine: Machine): Process {
  if (!machine.ramFollows) yield* send(machine);
}

function* sendIfLater(machine: Machine): Process {
  if (machine.ramFollows) yield* sendLater(machine);
}

/** The same after the resume: the bitmaps are there when the destination has built and counted them. */
function* sendLater(machine: Machine): Process {
  yield* send(machine);
  yield* machine.awaitDestination();
}

function* switchToPostcopy(machine: Machine): Process {
  // A post-copy of RAM has switched already.
  if (!machine.ramFollows) yield machine.scenario.host.postcopyNs;
}
