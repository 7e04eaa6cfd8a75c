/**
 * The vocabulary of outcome scripts: what people, machines and the guest do, one event a step. Groups of
 * writes: A before this QEMU's start, B after it, M while migrating, C on the source after it went on, D on the
 * destination, E on a second destination.
 */
/** Of a bitmap before the migration. `new`: made at run time, never stored; `stored`: loaded from an earlier store; `inconsistent`: nobody removed it. */
export type History = 'new' | 'stored' | 'inconsistent';

export type Side = 'source' | 'destination';

/** `destination` is the newest one. Steps on a dead process, and writes where no guest runs, do nothing. */
export type Step =
  /**
   * A migration to a new destination, up to a point. `capability` overrides the strategy's; `late`: the
   * destination takes the image only when told; `unmapped`: its disks have other names, and nobody told it which are
   * which; `otherwise`: what follows if it fails before that point.
   */
  | {
      readonly do: 'migrate';
      readonly until: 'active' | 'pre-switchover' | 'bitmaps-travelling' | 'merging' | 'completed';
      readonly from?: Side;
      readonly capability?: boolean;
      readonly late?: boolean;
      readonly unmapped?: boolean;
      readonly otherwise?: readonly Step[];
    }
  | { readonly do: 'continue'; readonly otherwise?: readonly Step[] }
  | { readonly do: 'cancel' }
  | { readonly do: 'write'; readonly on: Side; readonly group: Group }
  | { readonly do: 'kill' | 'quit' | 'cont'; readonly who: Side }
  /** Management notes the state of all copies; `running`: only if that side runs. */
  | { readonly do: 'look'; readonly running?: Side }
  | { readonly do: 'storage'; readonly fails: boolean }
  /** The destination reads what it left in the image (what-if loadAfterResume); `fails`: storage refuses. */
  | { readonly do: 'read-bitmaps'; readonly fails: boolean }
  | { readonly do: 'copy-bitmap' }
  /** Management starts a destination and copies the disks to it, up to a point, before it migrates. */
  | { readonly do: 'mirror'; readonly until: 'copying' | 'ready' }
  /** The copies cannot be written any more, or management gives up: the jobs end, and the guest goes on. */
  | { readonly do: 'end-mirror'; readonly how: 'fails' | 'cancelled' }
  /** The link of the migration breaks, and both processes live; management lays another one. */
  | { readonly do: 'cut-link' | 'mend-link' }
  /** A last look, then the process that survived ends. */
  | { readonly do: 'leave'; readonly who: Side; readonly how: 'quit' | 'kill' };

export type Group = 'A' | 'B' | 'M' | 'C' | 'D' | 'E';

/** The guest writes a group. */
export const write = (on: Side, group: Group): Step => ({ do: 'write', on, group });
/** kill -9, or the host is gone. */
export const kill = (who: Side): Step => ({ do: 'kill', who });
/** Clean shutdown of the process. */
export const quit = (who: Side): Step => ({ do: 'quit', who });
export const cont: Step = { do: 'cont', who: 'source' };
export const look: Step = { do: 'look' };
/** A last look, then the survivor ends. */
export const leave = (who: Side, how: 'quit' | 'kill' = 'quit'): Step => ({ do: 'leave', who, how });

/** The guest goes on here, then the process is shut down. */
export const backOnSource = [look, cont, write('source', 'C'), leave('source')];
const complete = { do: 'migrate', until: 'completed', otherwise: backOnSource } as const;
export const active = [
  { do: 'migrate', until: 'active', otherwise: backOnSource },
  write('source', 'M'),
] as const;
export const preSwitchover = { do: 'migrate', until: 'pre-switchover', otherwise: backOnSource } as const;
/** Complete, but the destination waits for management before it takes the image. */
export const unactivated = { ...complete, late: true } as const;
export const continueOrBack = { do: 'continue', otherwise: backOnSource } as const;

/** A migration that succeeds; `how` the destination ends later. */
export const succeed = (how: 'quit' | 'kill'): Step[] => [
  complete,
  look,
  quit('source'),
  write('destination', 'D'),
  leave('destination', how),
];
const hop = (capability: boolean, otherwise: readonly Step[] = []): Step[] => [
  { do: 'migrate', until: 'completed', from: 'destination', capability, otherwise },
  look,
  write('destination', 'E'),
  leave('destination'),
];
/** The same, and onwards to a third host. */
export const onwards = (capability: boolean): Step[] => [
  complete,
  quit('source'),
  write('destination', 'D'),
  ...hop(capability),
];
/** After a first try that ended before the stop, the guest writes on and management migrates once more. */
export const secondTry = (capability: boolean): Step[] => [
  { ...complete, capability },
  look,
  quit('source'),
  write('destination', 'D'),
  leave('destination'),
];
export const cancelled: Step[] = [...active, { do: 'cancel' }, look, write('source', 'C')];
export const destinationDied: Step[] = [...active, kill('destination'), look, write('source', 'C')];
export const diesInStop: Step[] = [
  preSwitchover,
  look,
  kill('destination'),
  { do: 'continue' },
  look,
  cont,
  write('source', 'C'),
  leave('source'),
];
/** The destination is gone before it took the image; the source goes on. */
export const diesUnactivated = (how: 'quit' | 'kill'): Step[] => [
  unactivated,
  look,
  kill('destination'),
  cont,
  write('source', 'C'),
  leave('source', how),
];
export const bothGone: Step[] = [look, kill('source'), kill('destination')];
export const afterContinue: Step[] = [look, write('destination', 'D'), quit('source'), leave('destination')];
/** The management mistake: the source is resumed after the destination wrote. */
export const twoMasters = (end: Step): Step[] => [
  complete,
  write('destination', 'D'),
  look,
  end,
  cont,
  write('source', 'C'),
  { do: 'look', running: 'source' },
  leave('source'),
];
/** The guest runs at the destination, whose bitmaps are still in the image (what-if loadAfterResume). */
export const merging: Step[] = [
  { do: 'migrate', until: 'merging', otherwise: backOnSource },
  write('destination', 'D'),
  look,
];
/** Onwards to a third host before the merge; where that is refused the guest stays, and the merge comes to its end. */
export const onwardsMerging = (capability: boolean): Step[] => [
  ...merging,
  quit('source'),
  ...hop(capability, [
    { do: 'read-bitmaps', fails: false },
    look,
    write('destination', 'E'),
    leave('destination'),
  ]),
];
export const travelling: Step[] = [
  { do: 'migrate', until: 'bitmaps-travelling' },
  write('destination', 'D'),
  look,
];
