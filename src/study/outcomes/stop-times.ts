/**
 * What each piece of a stop takes, from simulated migrations of this situation: every strategy once a
 * replication, and store-at-stop with and without an older copy in the image, since failed paths meet both.
 * A migration is simulated when a path first needs it: one that fails before the stop needs none.
 */
import { mean } from 'simple-statistics';
import { assert } from '../../base/assert.js';
import type { StopTimes } from '../../sim/fate/downtime.js';
import type { MigrationTimeline } from '../../sim/fate/draw.js';
import type { StrategyKey } from '../../sim/fate/strategies.js';
import type { MigrationResult } from '../../sim/machine/result.js';
import { migrate } from '../../sim/migration/controller.js';
import type { PreFlushSpec, Scenario, StrategySpec } from '../../sim/scenario.js';
import { firstTrouble } from '../verdict.js';
import type { AllTimes, StrategyTimes } from './costs.js';

const RUN_NAMES = ['none', 'store-new', 'store-replace', 'stream', 'postcopy', 'drop', 'pre-flush'] as const;
type RunName = (typeof RUN_NAMES)[number];

function withHistory(scenario: Scenario, stored: boolean): Scenario {
  const disks = scenario.disks.map((disk) => ({
    ...disk,
    bitmaps: disk.bitmaps.map((bitmap) => ({ ...bitmap, stored })),
  }));
  return { ...scenario, disks };
}

/** The means of one strategy's runs. */
class Runs {
  private readonly results: readonly MigrationResult[];

  constructor(results: readonly MigrationResult[]) {
    assert(results.length > 0, 'at least one run');
    this.results = results;
  }

  of(pick: (result: MigrationResult) => number): number {
    return mean(this.results.map(pick));
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

  /** The end that speaks for all of them. */
  get ended(): MigrationResult {
    return firstTrouble(this.results) ?? this.results[0]!;
  }
}

/** Where pre-flush is not among the strategies asked for. */
const DEFAULT_PRE_FLUSH: PreFlushSpec = {
  chunkBytes: 65_536,
  bytesPerS: Number.POSITIVE_INFINITY,
  settleNs: 0,
  order: 'fifo',
  lastPass: 'clusters',
  layout: 'in-place',
  pending: 'on',
};

/** The pre-flush that was asked for, or the usual one. */
export function preFlushOf(strategies: readonly StrategySpec[]): PreFlushSpec {
  return strategies.find((spec) => spec.name === 'pre-flush') ?? DEFAULT_PRE_FLUSH;
}

/** Which situations and replications are simulated, and who is told of each finished migration. */
export interface TimesInput {
  readonly scenario: Scenario;
  readonly preFlush: PreFlushSpec;
  readonly seed: number;
  readonly replications: readonly number[];
  readonly onRun?: (done: number, of: number) => void;
}

/** The migrations of one situation by name, each simulated when first asked for. */
class Migrations {
  private readonly input: TimesInput;
  private readonly known = new Map<RunName, Runs>();
  private done = 0;

  constructor(input: TimesInput) {
    this.input = input;
  }

  of(name: RunName): Runs {
    const known = this.known.get(name);
    if (known) return known;
    const { replications, seed, onRun } = this.input;
    const [situation, spec] = this.planned(name);
    const results = replications.map((replication) => {
      const result = migrate(situation, spec, { seed, replication });
      onRun?.(++this.done, RUN_NAMES.length * replications.length);
      return result;
    });
    const runs = new Runs(results);
    this.known.set(name, runs);
    return runs;
  }

  private planned(name: RunName): readonly [Scenario, StrategySpec] {
    const { scenario, preFlush } = this.input;
    // The source ends its part and the destination begins where the stamp without a return path lies.
    const open: Scenario = { ...scenario, migration: { ...scenario.migration, returnPath: false } };
    if (name === 'store-new' || name === 'store-replace')
      return [withHistory(open, name === 'store-replace'), { name: 'store-at-stop' }];
    if (name === 'pre-flush') return [open, { name, ...preFlush }];
    return name === 'none' ? [open, { name }] : [open, { name: 'dont-store', variant: name }];
  }
}

const SEND = ['ram', 'devices', 'switch'] as const;

/** The pieces for a strategy whose own migration is `own`; getters, so that only what a path needs is simulated. */
function stopTimes(own: RunName, runs: Migrations): StopTimes {
  const openNs = (): number => runs.of('none').phases('load');
  return {
    get stopNs() {
      return runs.of(own).phases('stop');
    },
    get sendNs() {
      return runs.of(own === 'pre-flush' ? own : 'store-replace').phases(...SEND);
    },
    get sendStreamingNs() {
      return runs.of('stream').phases(...SEND);
    },
    get sendPostcopyNs() {
      return runs.of('postcopy').phases(...SEND);
    },
    get streamNs() {
      return runs.of('stream').phases('stream');
    },
    get postcopyNs() {
      return runs.of('postcopy').phases('stream');
    },
    get storeNewNs() {
      return runs.of('store-new').storeNs;
    },
    get storeReplaceNs() {
      return runs.of('store-replace').storeNs;
    },
    get storeEarlyNs() {
      return runs.of('pre-flush').storeNs;
    },
    get openNs() {
      return openNs();
    },
    get loadNs() {
      return Math.max(0, runs.of('store-replace').phases('load') - openNs());
    },
    get startNs() {
      return runs.of(own).phases('start');
    },
  };
}

function timeline(own: RunName, runs: Migrations): MigrationTimeline {
  const mine = runs.of(own);
  const downtimeNs = mine.of(({ metrics }) => metrics.downtimeNs);
  const sourceNs = mine.of(({ metrics }) => metrics.sourceDowntimeNs);
  return {
    runningNs: mine.of(({ metrics }) => metrics.migrationNs) - downtimeNs,
    pausedNs: 0,
    switchoverNs: sourceNs,
    handoverNs: downtimeNs - sourceNs,
    travellingNs: own === 'postcopy' ? mine.of(({ metrics }) => metrics.bitmapReadyNs ?? 0) : 0,
    converges: mine.ended.state !== 'not-converged',
  };
}

function strategyTimes(own: RunName, runs: Migrations): StrategyTimes {
  return {
    stop: stopTimes(own, runs),
    get timeline() {
      return timeline(own, runs);
    },
    get ended() {
      return runs.of(own).ended;
    },
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

/** Times of all strategies in one situation, as means over the replications; nothing is simulated before it is read. */
export function timesOnDemand(input: TimesInput): Required<AllTimes> {
  const runs = new Migrations(input);
  const stored = input.scenario.disks.some((disk) => disk.bitmaps.some((bitmap) => bitmap.stored));
  const times = Object.entries(OWN).map(([key, run]) => {
    const own = run === 'store' ? (stored ? 'store-replace' : 'store-new') : run;
    return [key, strategyTimes(own, runs)];
  });
  return Object.fromEntries(times) as Required<AllTimes>;
}
