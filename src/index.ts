/**
 * stopgap as a library: resolve a situation, run it, summarise it.
 *
 *   import { answer, resolve } from 'stopgap';
 *   const { verdict, because } = answer(await resolve({}, { 'disk.size': '16T', storage: 'ceph-nvme' }));
 *
 * `judge(resolved)` gives the same without break-even and the limit that fits, several times as fast. Below that, one migration at a time: `migrate(scenario, strategy, { seed, replication })`.
 */
export { InputError } from './base/errors.js';
export { type Overrides, type Resolved, resolve, type ScenarioInput } from './input/resolve.js';
export { Kernel, type TimeNs } from './kernel/kernel.js';
export type { Process } from './kernel/process.js';
export { namedStream, Rng } from './kernel/rng.js';
export { Server } from './kernel/server.js';
export { Tilt, type Twist, twistFor } from './sim/guest/tilt.js';
export {
  METRICS,
  type MetricName,
  type MetricRow,
  type Metrics,
  type RunMetrics,
} from './sim/machine/metrics.js';
export { PHASE_MEANING, PHASES, type PhaseName } from './sim/machine/phases.js';
export type { MigrationResult } from './sim/machine/result.js';
export { migrate, migrateWith } from './sim/migration/controller.js';
export type * from './sim/scenario.js';
export type { PreFlushSpec } from './sim/strategies/pre-flush.js';
export type { StrategySpec } from './sim/strategies/registry.js';
export type { Strategy } from './sim/strategies/strategy.js';
export { expectedTouched, secondsUntilShare, shareSet, touchedVariance } from './sim/theory/coupons.js';
export { exponentialRepair, fixedRepairStaleMean, staleShareBeyond } from './sim/theory/repair.js';
export type { DirtyTracker, StoreOp } from './sim/types.js';
export { type Answer, answer, type Judgement, judge } from './study/answer/answer.js';
export type { StrategyAnswer, TimeSummary } from './study/answer/summary.js';
export { type RareTail, rareTail } from './study/rare-tail.js';
export { type RunResult, runReplication } from './study/run.js';
