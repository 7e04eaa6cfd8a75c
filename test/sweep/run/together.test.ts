/** What comes out of one simulation is run by one thread: two would simulate all of it twice. */
import { expect, test } from 'vitest';
import { recordTo } from '../../../src/sweep/results/record.js';
import type { Executor } from '../../../src/sweep/run/executor.js';
import { type Job, OUTCOMES, type Task } from '../../../src/sweep/run/task.js';
import { fakeRunner, testPlan } from '../support.js';

const VMS = 3;
const FILE = `
question: Are evacuations left whole?
base: { vms: ${VMS}, parallel: 2, strategies: [store-at-stop] }
axes: { disk.size: [1T, 2T, 4T] }
replications: 8
`;

/** Two threads, as the scheduler sees them; keeps the tasks. */
class TwoThreads implements Executor {
  readonly width = 2;
  readonly tasks: Task[] = [];

  run(task: Task) {
    return this.make(task, OUTCOMES);
  }
  async make<Given, Made>(given: Given, job: Job<Given, Made>) {
    this.tasks.push(given as Task);
    await new Promise((resolve) => setImmediate(resolve));
    return job.here(given, fakeRunner);
  }
  async close() {}
}

const simulationsOf = (task: Task) =>
  task.flatMap(({ frame, replications }) =>
    replications.map((r) => `${frame!.point}/${Math.floor(r / VMS)}`),
  );

test("each simulation is the work of one shard, and all are somebody's", async () => {
  const shards: Set<string>[] = [];
  for (const index of [1, 2]) {
    const executor = new TwoThreads();
    await recordTo(() => {}, { plan: await testPlan({}, FILE), executor, shard: { index, of: 2 } });
    shards.push(new Set(executor.tasks.flatMap(simulationsOf)));
  }
  const [one, other] = shards as [Set<string>, Set<string>];
  expect([...one].filter((simulation) => other.has(simulation))).toEqual([]);
  expect([one.size, other.size].sort()).toEqual([4, 5]);
});

test('all VMs of an evacuation are in one task, in order', async () => {
  const executor = new TwoThreads();
  const plan = await testPlan({}, FILE);
  const { rows } = await recordTo(() => {}, { plan, executor, shard: { index: 1, of: 1 } });
  expect(rows).toBe(3 * 8 * 2);
  expect(executor.tasks.length).toBeGreaterThan(3);
  const seen = executor.tasks.map((task) =>
    task.map(({ frame, replications }) => `${frame!.point}: ${replications.join(' ')}`),
  );
  const ofPoint = (point: number): string[] => {
    const runs = executor.tasks.flatMap((task) => task.filter(({ frame }) => frame!.point === point));
    return runs.flatMap(({ replications }) => replications.map((r) => `${Math.floor(r / VMS)}`));
  };
  for (const point of [0, 1, 2]) expect(ofPoint(point).join('')).toBe('00011122');
  for (const task of executor.tasks)
    for (const { replications } of task) {
      expect(replications[0]! % VMS, seen.join('; ')).toBe(0);
      expect([0, 2], seen.join('; ')).toContain((replications.at(-1)! + 1) % VMS);
    }
});
