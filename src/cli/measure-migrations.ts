/** `stopgap measure --ram` and `--stacks`: migrations instead of stops; their rows are for `validate`, which says what they tell. */
import { InputError } from '../base/errors.js';
import { claimOutput } from '../files/output.js';
import type { Cleanup } from '../lab/process/cleanup.js';
import { print } from './stdout.js';

interface Played {
  /** What a file of these rows begins with. */
  readonly mark: RegExp;
  csv(cleanup: Cleanup, repeats: number, tick: (done: number, of: number) => void): Promise<string>;
}

const PLAYS: Readonly<Record<'ram' | 'stacks', () => Promise<Played>>> = {
  ram: async () => {
    const { RAM_CSV_MARK, measureRamGrid, ramCsv } = await import('../lab/ram/ram.js');
    return { mark: RAM_CSV_MARK, csv: async (...how) => ramCsv(await measureRamGrid(...how)) };
  },
  stacks: async () => {
    const { playStacks, STACKS_CSV_MARK, stacksCsv } = await import('../lab/stacks/stacks.js');
    return { mark: STACKS_CSV_MARK, csv: async (...how) => stacksCsv(await playStacks(...how)) };
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
  output.write(
    await withProgress('stopping VMs', (tick) => withCleanup((cleanup) => csv(cleanup, repeats, tick))),
  );
  print(`\`stopgap validate ${path}\` holds the rows against the model\n`);
}
