/** `stopgap measure --ram`, `--stacks` and `--spells`: whole grids; their rows are for `validate`, which says what they tell. */
import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../base/errors.js';
import { claimOutput } from '../files/output.js';
import type { Cleanup } from '../lab/process/cleanup.js';
import { print } from './stdout.js';

interface Played {
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

const PLAYS: Readonly<Record<'ram' | 'stacks' | 'spells', () => Promise<Played>>> = {
  ram: async () => {
    const { RAM_CSV_MARK, measureRamGrid, ramCsv } = await import('../lab/ram/ram.js');
    return {
      mark: RAM_CSV_MARK,
      csv: async (cleanup, repeats, tick) => ramCsv(await measureRamGrid(cleanup, repeats, tick)),
    };
  },
  stacks: async () => {
    const { playStacks, STACKS_CSV_MARK, stacksCsv } = await import('../lab/stacks/stacks.js');
    return {
      mark: STACKS_CSV_MARK,
      csv: async (cleanup, repeats, tick) => stacksCsv(await playStacks(cleanup, repeats, tick)),
    };
  },
  spells: async () => {
    const { playSpells, SPELLS_CSV_MARK } = await import('../lab/spells/spells.js');
    return { mark: SPELLS_CSV_MARK, csv: playSpells };
  },
};

/** Plays all of a grid so often, and writes the rows. */
export async function measureMigrations(
  what: keyof typeof PLAYS,
  { csv: path, force }: { readonly csv?: string; readonly force: boolean },
  repeats: number,
): Promise<void> {
  if (path === undefined) throw new InputError(`measure --${what}: give --csv FILE, where its rows go`);
  const { mark, csv } = await PLAYS[what]();
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
