/**
 * What each piece of a stop takes, from simulated migrations of this situation: every strategy once a
 * replication, and a store with and without an older copy in the image, since failed paths meet both.
 * A migration is simulated when a path first needs it: one that fails before the stop needs none.
 */
import { mean } from 'simple-statistics';
import { assert } from '../../base/assert.js';
import type { StopTimes } from '../../fate/downtime.js';
import type { MigrationTimeline } from '../../fate/draw.js';
import type { MigrationResult } from '../../sim/machine/result.js';
import { migrate } from '../../sim/migration/controller.js';
import type { DiskSpec, Scenario } from '../../sim/scenario.js';
import type { Route } from '../../sim/strategies/definition.js';
import { REFERENCE, streams, usualOn, variantOfSpec } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { firstTrouble } from '../verdict.js';
import type { AllTimes, StrategyTimes } from './costs.js';

/** As QEMU does it: bitmaps are read before the guest runs. */
function readAtOnce(scenario: Scenario): Scenario {
  return { ...scenario, whatIf: { ...scenario.whatIf, loadAfterResume: false } };
}

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

/** Which of the bitmaps have an older copy in their image. */
function storedCopies(disks: readonly DiskSpec[]): 'all' | 'some' | 'none' {
  const stored = disks.flatMap(({ bitmaps }) => bitmaps.map((bitmap) => bitmap.stored));
  if (stored.every((has) => has)) return 'all';
  return stored.some((has) => has) ? 'some' : 'none';
}

const followsLater = (route: Route): boolean => route.postcopy;
const storesInStop = (route: Route): boolean =>
  route.persistent === true && !route.dirtyBitmaps && route.preFlush === false;

/** Which situations and replications are simulated, and who is told of each finished migration. */
export interface TimesInput {
  readonly scenario: Scenario;
  /** Their times are asked for; what a path needs of others is simulated too. */
  readonly strategies: readonly StrategySpec[];
  readonly seed: number;
  readonly replications: readonly number[];
  readonly onRun?: (done: number, of: number) => void;
}

/**
 * A migration to simulate; `stored`: whether bitmaps have an older copy in the image, absent: as in the situation;
 * `atOnce`: read back in the stop, as a source does that takes its image back, whatever a destination may do.
 */
interface Planned {
  readonly spec: StrategySpec;
  readonly stored?: boolean;
  readonly atOnce?: true;
}

/** The migrations of one situation, each simulated when first asked for. */
class Migrations {
  private readonly input: TimesInput;
  private readonly known = new Map<string, Runs>();
  /** The strategies, those that their failures lead to, the other history of a store, and the other time to read. */
  private readonly most: number;
  private done = 0;

  constructor(input: TimesInput) {
    this.input = input;
    const all = [...input.strategies, REFERENCE, ...[storesInStop, streams, followsLater].map(usualOn)];
    const others = input.scenario.whatIf.loadAfterResume ? 2 : 1;
    this.most = new Set(all.map((spec) => JSON.stringify(spec))).size + others;
  }

  of(planned: Planned): Runs {
    const key = JSON.stringify([planned.spec, planned.stored ?? null, planned.atOnce ?? null]);
    const known = this.known.get(key);
    if (known) return known;
    const { replications, seed, onRun } = this.input;
    const situation = this.situationOf(planned);
    const results = replications.map((replication) => {
      const result = migrate(situation, planned.spec, { seed, replication });
      onRun?.(++this.done, this.most * replications.length);
      return result;
    });
    const runs = new Runs(results);
    this.known.set(key, runs);
    return runs;
  }

  private situationOf({ stored, atOnce }: Planned): Scenario {
    const scenario = atOnce ? readAtOnce(this.input.scenario) : this.input.scenario;
    // The source ends its part and the destination begins where the stamp without a return path lies.
    const open: Scenario = { ...scenario, migration: { ...scenario.migration, returnPath: false } };
    return stored === undefined ? open : withHistory(open, stored);
  }
}

const SEND = ['ram', 'devices', 'switch'] as const;

/** The strategy itself where its bitmaps go this way; else QEMU's own that do, since a failed path may turn to it. */
function onRoute(own: StrategySpec, takes: (route: Route) => boolean): StrategySpec {
  return takes(variantOfSpec(own).routes[0]) ? own : usualOn(takes);
}

/** The pieces for a strategy's own migration; getters, so that only what a path needs is simulated. */
function stopTimes(own: Planned, runs: Migrations, { whatIf, disks }: Scenario): StopTimes {
  const { loadAfterResume } = whatIf;
  const mixed = storedCopies(disks) === 'some';
  const spec = onRoute(own.spec, storesInStop);
  const replacing: Planned = { spec, stored: true };
  const streaming: Planned = { spec: onRoute(own.spec, streams) };
  const postcopy: Planned = { spec: onRoute(own.spec, followsLater) };
  // When RAM is ready is up to a strategy that flushes early; the others stop when QEMU's core says so.
  const sending = variantOfSpec(own.spec).routes[0].preFlush ? own : replacing;
  const openNs = (): number => runs.of({ spec: REFERENCE }).phases('load');
  const loadNs = (of: Planned): number => Math.max(0, runs.of(of).phases('load') - openNs());
  return {
    get stopNs() {
      return runs.of(own).phases('stop', 'mirror');
    },
    get sendNs() {
      return runs.of(sending).phases(...SEND);
    },
    get sendStreamingNs() {
      return runs.of(streaming).phases(...SEND);
    },
    get sendPostcopyNs() {
      return runs.of(postcopy).phases(...SEND);
    },
    get streamNs() {
      return runs.of(streaming).phases('stream');
    },
    get postcopyNs() {
      return runs.of(postcopy).phases('stream');
    },
    get storeNewNs() {
      // Where bitmaps differ in it, a first migration stores some anew and replaces others.
      return runs.of(mixed ? { spec } : { spec, stored: false }).storeNs;
    },
    get storeReplaceNs() {
      return runs.of(replacing).storeNs;
    },
    get storeEarlyNs() {
      return runs.of(own).storeNs;
    },
    get openNs() {
      return openNs();
    },
    get loadNs() {
      return loadNs(loadAfterResume ? { ...replacing, atOnce: true } : replacing);
    },
    get loadLaterNs() {
      return loadNs(replacing);
    },
    get startNs() {
      return runs.of(own).phases('start');
    },
  };
}

function timeline(own: Planned, runs: Migrations): MigrationTimeline {
  const mine = runs.of(own);
  const downtimeNs = mine.of(({ metrics }) => metrics.downtimeNs);
  const sourceNs = mine.of(({ metrics }) => metrics.sourceDowntimeNs);
  const later = followsLater(variantOfSpec(own.spec).routes[0]);
  const readyNs = (): number => mine.of(({ metrics }) => metrics.bitmapReadyNs ?? 0);
  return {
    runningNs: mine.of(({ metrics }) => metrics.migrationNs) - downtimeNs,
    pausedNs: 0,
    switchoverNs: sourceNs,
    handoverNs: downtimeNs - sourceNs,
    travellingNs: later ? readyNs() : 0,
    mergingNs: later ? 0 : readyNs(),
    converges: mine.ended.state !== 'not-converged',
  };
}

function strategyTimes(own: Planned, runs: Migrations, scenario: Scenario): StrategyTimes {
  return {
    stop: stopTimes(own, runs, scenario),
    get timeline() {
      return timeline(own, runs);
    },
    get ended() {
      return runs.of(own).ended;
    },
  };
}

/** Times of strategies in one situation, as means over the replications; nothing is simulated before it is read. */
export function timesOnDemand(input: TimesInput): AllTimes {
  const runs = new Migrations(input);
  const copies = storedCopies(input.scenario.disks);
  return Object.fromEntries(
    input.strategies.flatMap((spec) => {
      const { routes } = variantOfSpec(spec);
      const own =
        storesInStop(routes[0]) && copies !== 'some' ? { spec, stored: copies === 'all' } : { spec };
      const times = strategyTimes(own, runs, input.scenario);
      return routes.map(({ name }) => [name, times]);
    }),
  );
}
