/** `stopgap measure --ram` and its like: whole grids instead of one storage; their rows are for `validate`, which says what they tell. */
import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../base/errors.js';
import { claimOutput } from '../files/output.js';
import type { Cleanup } from '../lab/process/cleanup.js';
import { print } from './stdout.js';

/** A file of rows, and how it comes about. */
interface Play {
  /** What a file of these rows begins with. */
  readonly mark: RegExp;
  csv(
    cleanup: Cleanup,
    repeats: number,
    tick: (done: number, of: number) => void,
    resuming: Resuming,
  ): Promise<string>;
}

/** For those that go on where an earlier run of theirs was ended. */
interface Resuming {
  /** What lies in the file. */
  readonly before: string | undefined;
  readonly save: (csv: string) => void;
}

interface Flag {
  readonly describe: string;
  readonly play: () => Promise<Play>;
}

/** By the flag that asks for it; what follows "instead of a storage" in its help. */
const PLAYS = {
  ram: {
    describe: 'guests that dirty their RAM, over wires of known rate (as root; half an hour)',
    play: async () => {
      const { RAM_CSV_MARK, measureRamGrid, ramCsv } = await import('../lab/ram/ram.js');
      return {
        mark: RAM_CSV_MARK,
        csv: async (cleanup, repeats, tick) => ramCsv(await measureRamGrid(cleanup, repeats, tick)),
      };
    },
  },
  'ram-ways': {
    describe:
      'the same with post-copy of RAM, auto-converge and multifd (as root; five repeats take five minutes)',
    play: async () => {
      const { measureRamGrid, WAYS_CSV_MARK, waysCsv } = await import('../lab/ram/ram.js');
      const { WAYS_GRID } = await import('../lab/ram/grid.js');
      return {
        mark: WAYS_CSV_MARK,
        csv: async (cleanup, repeats, tick) =>
          waysCsv(await measureRamGrid(cleanup, repeats, tick, WAYS_GRID)),
      };
    },
  },
  mirror: {
    describe:
      'disks that are copied along by a mirror, bitmaps in the stream (five repeats take ten minutes)',
    play: async () => {
      const { MIRROR_CSV_MARK, mirrorCsv, playMirrors } = await import('../lab/mirror/mirror.js');
      return {
        mark: MIRROR_CSV_MARK,
        csv: async (cleanup, repeats, tick, { save }) =>
          mirrorCsv(await playMirrors(cleanup, repeats, tick, (rows) => save(mirrorCsv(rows)))),
      };
    },
  },
  'mirror-writes': {
    describe: 'how long a mirror takes to be ready while the guest writes (three repeats take ten minutes)',
    play: async () => {
      const { playAllWrites, WRITES_CSV_MARK, writesCsv } = await import('../lab/mirror/writes.js');
      return {
        mark: WRITES_CSV_MARK,
        csv: async (cleanup, repeats, tick, { save }) =>
          writesCsv(await playAllWrites(cleanup, repeats, tick, (rows) => save(writesCsv(rows)))),
      };
    },
  },
  stacks: {
    describe:
      'the switchover of every stack, with disks up to 128 TiB (as root; three plays of each take over an hour)',
    play: async () => {
      const { playStacks, STACKS_CSV_MARK, stacksCsv } = await import('../lab/stacks/stacks.js');
      return {
        mark: STACKS_CSV_MARK,
        csv: async (cleanup, repeats, tick) => stacksCsv(await playStacks(cleanup, repeats, tick)),
      };
    },
  },
  spells: {
    describe:
      'volumes with slow spells and neighbours of known law (20 repeats take a quarter of an hour; goes on with the FILE of --csv)',
    play: async () => {
      const { playSpells, SPELLS_CSV_MARK } = await import('../lab/spells/spells.js');
      return { mark: SPELLS_CSV_MARK, csv: playSpells };
    },
  },
  together: {
    describe: 'VMs that stop at the same time, on volumes that they share (minutes)',
    play: async () => {
      const { measureTogether, TOGETHER_CSV_MARK, togetherCsv } = await import('../lab/together/together.js');
      return {
        mark: TOGETHER_CSV_MARK,
        csv: async (cleanup, repeats, tick) => togetherCsv(await measureTogether(cleanup, repeats, tick)),
      };
    },
  },
} as const satisfies Readonly<Record<string, Flag>>;

export type PlayName = keyof typeof PLAYS;
const NAMES = Object.keys(PLAYS) as PlayName[];

/** Whether each was asked for. */
export type PlayFlags = Readonly<Record<PlayName, boolean>>;

export const PLAY_OPTIONS = Object.fromEntries(
  NAMES.map((name) => {
    const describe = `instead of a storage: ${PLAYS[name].describe}`;
    return [name, { type: 'boolean', default: false, describe }];
  }),
) as Record<PlayName, { type: 'boolean'; default: false; describe: string }>;

/** The first of them that was asked for. */
export function playAsked(flags: PlayFlags): PlayName | undefined {
  return NAMES.find((name) => flags[name]);
}

/** Plays all of a grid so often, and writes the rows. */
export async function measurePlay(
  name: PlayName,
  { csv: path, force }: { readonly csv?: string; readonly force: boolean },
  repeats: number,
): Promise<void> {
  if (path === undefined) throw new InputError(`measure --${name}: give --csv FILE, where its rows go`);
  const { mark, csv }: Play = await PLAYS[name].play();
  const { withCleanup } = await import('../lab/process/cleanup.js');
  const { withProgress } = await import('./progress.js');
  const output = claimOutput(path, { flag: '--csv', mark, force, inputs: [] });
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const save = (text: string): void => output.write(text);
  output.write(
    await withProgress('stopping VMs', (tick) =>
      withCleanup((cleanup) => csv(cleanup, repeats, tick, { before, save })),
    ),
  );
  print(`\`stopgap validate ${path}\` holds the rows against the model\n`);
}
