/** Every command: what the help says of it, and where it is. A new command is its file and its line here. */
import type { CommandModule } from 'yargs';

export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

// biome-ignore lint/suspicious/noExplicitAny: each command types its own arguments; the table holds them all.
type Loaded = { command: CommandModule<any, any> };
const entry = (summary: string, load: () => Promise<Loaded>): CommandEntry => ({
  summary,
  load: async () => (await load()).command,
});

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  ask: entry('one situation, all strategies: is it too much?', () => import('./commands/ask.js')),
  calibrate: entry(
    'a storage preset from fio output, or by measuring a directory',
    () => import('./commands/calibrate.js'),
  ),
  measure: entry(
    'stop real VMs on this host: measured beside predicted',
    () => import('./commands/measure.js'),
  ),
  observe: entry(
    'look at a running VM, read only: a scenario file of what it does',
    () => import('./commands/observe.js'),
  ),
  outcomes: entry(
    'what becomes of each copy of a bitmap when the migration fails',
    () => import('./commands/outcomes.js'),
  ),
  solve: entry('how large, how many, how fast it may be and still fit', () => import('./commands/solve.js')),
  compare: entry(
    'scenarios, flags or results side by side: which is best?',
    () => import('./commands/compare.js'),
  ),
  sensitivity: entry(
    'what drives the answer, and where the verdict flips',
    () => import('./commands/sensitivity.js'),
  ),
  evacuate: entry(
    'many VMs leave a host, some at a time, on one storage and one link',
    () => import('./commands/evacuate.js'),
  ),
  run: entry('one scenario file in detail: the phases of the stop', () => import('./commands/run.js')),
  sweep: entry('run what is missing of an experiment: CSV and figures', () => import('./commands/sweep.js')),
  merge: entry('join the shards of a sweep', () => import('./commands/merge.js')),
  plot: entry('figures and report of a result, from its CSV', () => import('./commands/plot.js')),
  repro: entry('run one row of a result again and compare', () => import('./commands/repro.js')),
  validate: entry('predict measured stops, and say how far off', () => import('./commands/validate.js')),
  explore: entry('the model in one page for a browser', () => import('./commands/explore.js')),
  list: entry('presets and strategies with their figures and sources', () => import('./commands/list.js')),
  schema: entry('JSON Schema of the files stopgap reads', () => import('./commands/schema.js')),
  workload: entry(
    'statistics of a trace: rate, footprint, first-touch curve, stale chunks per window',
    () => import('./commands/workload.js'),
  ),
};
