/** What each of several sweeps that know nothing of each other runs of one plan. */
import { simulationOf } from '../../sim/evacuation/member.js';
import type { RunSize } from '../experiment/experiment.js';
import type { PlannedPoint } from './plan.js';

/** `index` of `of`: this shard runs every of-th part of the plan. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Whether the shard has all that comes out of a simulation. With `precision` a point stays whole: its results decide its size. */
export function belongs(size: RunSize, shard: Shard, point: number, simulation: number): boolean {
  const part = size.kind === 'precision' ? point : point + simulation;
  return part % shard.of === shard.index - 1;
}

/** Whether a replication of the point is the shard's. */
export function isShards(size: RunSize, shard: Shard, point: PlannedPoint, replication: number): boolean {
  return belongs(size, shard, point.index, simulationOf(point.resolved.scenario, replication));
}
