/**
 * What each piece of a stop takes, from simulated migrations of this situation: every strategy once a
 * replication, and store-at-stop with and without an older copy in the image, since failed paths meet both.
 */
import { assert } from '../../base/assert.js';
import type { StopTimes } from '../../sim/fate/downtime.js';
import type { StrategyKey } from '../../sim/fate/strategies.js';
import { migrate } from '../../sim/migration/controller.js';
import type { MigrationResult } from '../../sim/migration/result.js';
import type { PreFlushSpec, Scenario, StrategySpec } from '../../sim/scenario.js';
import type { AllTimes, StrategyTimes } from './answer.js';

type RunName = 'none' | 'store-new' | 'store-replace' | 'stream' | 'postcopy' | 'drop' | 'pre-flush';

function withHistory(scenario: Scenario, stored: boolean): Scenario {
  const disks = scenario.disks.map((disk) => ({
    ...disk,
    bitmaps: disk.bitmaps.map((bitmap) => ({ ...bitmap, stored })),
  }));
  return { ...scenario, disks };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The means of one strategy's runs. */
class Runs {
  private readonly results: readonly MigrationResult[];

  constructor(results: readonly MigrationResult[]) {
    assert(results.length > 0, 'at least one run');
    this.results = results;
  }

  of(figure: (result: MigrationResult) => number): number {
    return mean(this.results.map(figure));
  }

  phases(...names: (keyof MigrationResult['metrics']['phasesNs'])[]): number {
    return this.of(({ metrics }) => names.reduce((sum, name) => sum + metrics.phasesNs[name], 0));
  }

  get storeNs(): number {
    return this.phases(
      'store_qemu',
      'store_scan',
      'store_data',
      'store_metadata',
      'store_flush',
      'store_punch',
    );
  }

  get notConverged(): string | null {
    return this.results.find(({ state }) => state === 'not-converged')?.reason ?? null;
  }
}

const SEND = ['ram', 'devices', 'switch'] as const;

function stopTimes(own: Runs, runs: ReadonlyMap<RunName, Runs>): StopTimes {
  const openNs = runs.get('none')!.phases('load');
  const store = runs.get('store-replace')!;
  return {
    stopNs: own.phases('stop'),
    sendNs: runs.get(own === runs.get('pre-flush') ? 'pre-flush' : 'store-replace')!.phases(...SEND),
    sendWithBitmapsNs: runs.get(own === runs.get('postcopy') ? 'postcopy' : 'stream')!.phases(...SEND),
    streamNs: runs.get('stream')!.phases('stream'),
    postcopyNs: runs.get('postcopy')!.phases('stream'),
    storeNewNs: runs.get('store-new')!.storeNs,
    storeReplaceNs: store.storeNs,
    storeEarlyNs: runs.get('pre-flush')!.storeNs,
    openNs,
    loadNs: Math.max(0, store.phases('load') - openNs),
    startNs: own.phases('start'),
  };
}

function strategyTimes(own: Runs, runs: ReadonlyMap<RunName, Runs>): StrategyTimes {
  const downtimeNs = own.of(({ metrics }) => metrics.downtimeNs);
  const sourceNs = own.of(({ metrics }) => metrics.sourceDowntimeNs);
  return {
    stop: stopTimes(own, runs),
    timeline: {
      runningNs: own.of(({ metrics }) => metrics.migrationNs) - downtimeNs,
      pausedNs: 0,
      switchoverNs: sourceNs,
      handoverNs: downtimeNs - sourceNs,
      travellingNs: own === runs.get('postcopy') ? own.of(({ metrics }) => metrics.bitmapReadyNs ?? 0) : 0,
    },
    notConverged: own.notConverged,
  };
}

/** Which run a strategy's own times come from. */
const OWN: Readonly<Record<StrategyKey, RunName | 'store'>> = {
  store: 'store',
  stream: 'stream',
  'stream-transient': 'stream',
  'stream-postcopy': 'postcopy',
  transient: 'drop',
  'pre-flush': 'pre-flush',
  'pre-flush-shadow': 'pre-flush',
  none: 'none',
};

/** Times of all strategies in one situation; means over the replications. */
export function allTimes(
  scenario: Scenario,
  preFlush: PreFlushSpec,
  seed: number,
  replications: number,
  onRun: (done: number, of: number) => void = () => {},
): AllTimes {
  const plain = { name: 'store-at-stop' } as const;
  // The source ends its part and the destination begins where the stamp without a return path lies.
  const open: Scenario = { ...scenario, migration: { ...scenario.migration, returnPath: false } };
  const plan: readonly (readonly [RunName, Scenario, StrategySpec])[] = [
    ['none', open, { name: 'none' }],
    ['store-new', withHistory(open, false), plain],
    ['store-replace', withHistory(open, true), plain],
    ['stream', open, { name: 'dont-store', variant: 'stream' }],
    ['postcopy', open, { name: 'dont-store', variant: 'postcopy' }],
    ['drop', open, { name: 'dont-store', variant: 'drop' }],
    ['pre-flush', open, { name: 'pre-flush', ...preFlush }],
  ];
  let done = 0;
  const runs = new Map<RunName, Runs>();
  for (const [name, situation, spec] of plan) {
    const results: MigrationResult[] = [];
    for (let replication = 0; replication < replications; replication++) {
      results.push(migrate(situation, spec, { seed, replication }));
      onRun(++done, plan.length * replications);
    }
    runs.set(name, new Runs(results));
  }
  const stored = scenario.disks.some((disk) => disk.bitmaps.some((bitmap) => bitmap.stored));
  const times: Partial<Record<StrategyKey, StrategyTimes>> = {};
  for (const [key, run] of Object.entries(OWN) as [StrategyKey, RunName | 'store'][]) {
    const own = run === 'store' ? (stored ? 'store-replace' : 'store-new') : run;
    times[key] = strategyTimes(runs.get(own)!, runs);
  }
  return times;
}
