/**
 * VMs that leave a host, so many at a time: each is the migration that it is alone (migration/controller.ts), on one clock
 * with the others, and their requests, flushers and RAM meet at the storage and on the link. The next one begins when one
 * has ended, as management with a limit of concurrent migrations has it.
 */
import { remembered } from '../../base/remembered.js';
import { Kernel, type TimeNs } from '../../kernel/kernel.js';
import type { Draws } from '../../kernel/rng.js';
import type { Surroundings } from '../machine/machine.js';
import type { MigrationResult } from '../machine/result.js';
import { SharedLink } from '../machine/shared-link.js';
import { begin, type Migration } from '../migration/controller.js';
import { migrateAgain } from '../migration/replay.js';
import type { Scenario, StorageSpec } from '../scenario.js';
import { SharedStorage } from '../storage/shared-storage.js';
import { spellsOn } from '../storage/spells.js';
import { hooksOf } from '../strategies/lookup.js';
import type { StrategySpec } from '../strategies/registry.js';

/** The migrations in the order in which they began; each knows when the host was empty. */
export type Evacuated = readonly MigrationResult[];

/** More than the largest evacuation has. */
const EVENTS_MAX = 2e9;

/** VM j draws what its migration would draw alone as replication `draws.replication + j`. Pure. */
export function evacuate(
  vms: readonly Scenario[],
  parallel: number,
  spec: StrategySpec,
  draws: Draws,
): Evacuated {
  const isShared = Math.min(parallel, vms.length) > 1;
  const { results, emptiedNs } = isShared
    ? new Evacuation(vms, parallel, spec, draws).run()
    : oneByOne(vms, spec, draws);
  return results.map((result) => ({ ...result, metrics: { ...result.metrics, emptiedNs } }));
}

interface Ended {
  readonly results: readonly MigrationResult[];
  readonly emptiedNs: TimeNs;
}

/** The draws of VM j. */
const drawsOf = ({ seed, replication }: Draws, j: number): Draws => ({ seed, replication: replication + j });

/** Nobody meets anybody. */
function oneByOne(vms: readonly Scenario[], spec: StrategySpec, draws: Draws): Ended {
  const results = vms.map((scenario, j) => migrateAgain(scenario, spec, drawsOf(draws, j)));
  return { results, emptiedNs: results.reduce((sum, { metrics }) => sum + metrics.emptiedNs, 0) };
}

/** One evacuation. */
class Evacuation {
  private readonly kernel = new Kernel();
  private readonly vms: readonly Scenario[];
  private readonly parallel: number;
  private readonly spec: StrategySpec;
  private readonly draws: Draws;
  private readonly storages = new Map<string, ReturnType<Surroundings['storage']>>();
  private readonly links = new Map<string, SharedLink>();
  private readonly underWay = new Map<number, Migration>();
  private readonly results: MigrationResult[] = [];
  private next = 0;
  private endedCount = 0;
  private emptiedNs = 0;

  constructor(vms: readonly Scenario[], parallel: number, spec: StrategySpec, draws: Draws) {
    this.vms = vms;
    this.parallel = parallel;
    this.spec = spec;
    this.draws = draws;
  }

  run(): Ended {
    this.beginNext();
    while (this.endedCount < this.vms.length) {
      const end = this.kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: EVENTS_MAX });
      if (end === 'stopped') continue;
      const why = end === 'idle' ? 'waits for something that never happens' : 'does not come to an end';
      for (const j of [...this.underWay.keys()]) this.end(j, why);
    }
    return { results: this.results, emptiedNs: this.emptiedNs };
  }

  /** As many as there is room for. */
  private beginNext(): void {
    for (; this.next < this.vms.length && this.underWay.size < this.parallel; this.next++) {
      const j = this.next;
      const scenario = this.vms[j]!;
      const around = this.around(scenario);
      const migration = begin(scenario, hooksOf(this.spec), drawsOf(this.draws, j), undefined, around);
      this.underWay.set(j, migration);
      migration.ended.onFire(() => this.end(j, null));
    }
  }

  private end(j: number, stuck: string | null): void {
    this.results[j] = this.underWay.get(j)!.result(stuck);
    this.underWay.delete(j);
    this.endedCount++;
    this.emptiedNs = this.kernel.nowNs;
    if (this.endedCount === this.vms.length) this.kernel.stop();
    else this.beginNext();
  }

  private around({ link }: Scenario): Surroundings {
    const { kernel } = this;
    return {
      kernel,
      link: remembered(this.links, link.name, () => new SharedLink(kernel, link.bytesPerS)),
      storage: (spec) => remembered(this.storages, spec.name, () => this.storageOf(spec)),
    };
  }

  /** Its level and spells are those that the first VM would meet alone. */
  private storageOf(spec: StorageSpec): ReturnType<Surroundings['storage']> {
    return { pace: spellsOn(spec, this.draws), shared: new SharedStorage(this.kernel, spec) };
  }
}
