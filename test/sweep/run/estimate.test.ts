/** What `sweep --dry-run` foretells, by a clock of work that only the replications move. */
import { expect, test } from 'vitest';
import { estimate } from '../../../src/sweep/run/estimate.js';
import type { Plan, PlannedPoint } from '../../../src/sweep/run/plan.js';
import type { Timing } from '../../../src/sweep/run/sampling.js';
import { testPlan } from '../support.js';

const WHOLE = { index: 1, of: 1 };
/** What a sweep takes besides its runs (estimate.ts); it has no figures here. */
const BESIDES_S = 2;

/** Points cost what `costMs` says; of an evacuation whoever comes first pays for all. */
class Work implements Timing {
  private ms = 0;
  private readonly costMs: (point: number, isFirst: boolean) => number;
  private readonly seen = new WeakSet<PlannedPoint>();
  private last = '';

  constructor(costMs: (point: number, isFirst: boolean) => number) {
    this.costMs = costMs;
  }

  workedMs(): number {
    return this.ms;
  }

  async run(point: PlannedPoint, _seed: number, replication: number): Promise<void> {
    const { index, resolved } = point;
    const { vms } = resolved.scenario.evacuation ?? { vms: 1 };
    const simulation = `${index}/${Math.floor(replication / vms)}`;
    if (vms > 1 && simulation === this.last) return;
    this.last = simulation;
    this.ms += this.costMs(index, !this.seen.has(point));
    this.seen.add(point);
  }
}

/** What all replications of the plan take, one after another. */
async function wholeMs(
  plan: Plan,
  replications: number,
  costMs: (point: number, isFirst: boolean) => number,
) {
  const work = new Work(costMs);
  for (let index = 0; index < plan.points.count; index++) {
    const point = await plan.point(index);
    for (let r = 0; r < replications; r++) await work.run(point, 1, r);
  }
  return work.workedMs();
}

const fileOf = (base: string, replications: number): string => `
question: How long will it take?
base: { ${base} strategies: [store-at-stop] }
axes: { disk.size: [1T, 2T, 3T, 4T, 5T], bitmaps.count: [1, 2, 3, 4] }
replications: ${replications}
`;

const COSTS = {
  'all alike': () => 100,
  'larger disks, and more bitmaps': (point: number) => 20 + 10 * point,
} as const;

test.each(Object.keys(COSTS) as (keyof typeof COSTS)[])(
  'evacuations, each simulated once: %s',
  async (name) => {
    const costMs = COSTS[name];
    const plan = await testPlan({}, fileOf('vms: 10,', 30));
    const { seconds, sampled, replications } = await estimate(plan, WHOLE, 1, undefined, new Work(costMs));
    expect(replications).toBe(20 * 30);
    // A share of the points is enough.
    expect(sampled).toBeLessThan(20);
    const told = 1000 * (seconds - BESIDES_S);
    expect(told / (await wholeMs(plan, 30, costMs))).toBeCloseTo(1, 1);
  },
);

test('an evacuation of which a part is asked for is simulated whole', async () => {
  const plan = await testPlan({}, fileOf('vms: 10,', 4));
  const { seconds } = await estimate(plan, WHOLE, 2, undefined, new Work(COSTS['all alike']));
  expect(2 * (seconds - BESIDES_S)).toBeCloseTo(0.1 * 20, 6);
});

test('replications after the first of a point, which take less', async () => {
  const costMs = (_: number, isFirst: boolean): number => (isFirst ? 200 : 40);
  const plan = await testPlan({}, fileOf('', 30));
  const { seconds } = await estimate(plan, WHOLE, 1, undefined, new Work(costMs));
  expect(1000 * (seconds - BESIDES_S)).toBeCloseTo(await wholeMs(plan, 30, costMs), 6);
});
