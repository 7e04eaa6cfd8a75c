/**
 * Five disks of four sizes on two storages, with three granularities, a data file and a chain: what their bitmaps add is
 * the sum of what each adds alone, request by request, by hand from QEMU's sequence (block/qcow2-bitmap.c, 7.2).
 *
 *   first store    K clusters, n tables, directory, refcount block, header; 1 refcount block read; 2 flushes
 *   replacement    the same and 1 refcount block written, K holes punched, directory and n tables read; 4 flushes (files)
 *   destination    n tables and K clusters read, directory and its extension (3); 4 writes and 3 flushes of IN_USE
 *   image below    its directory read by the source; on the destination as above without IN_USE
 */
import { describe, expect, it } from 'vitest';
import { resolve } from '../../src/input/resolve.js';
import type { ScenarioInput } from '../../src/input/scenario-input.js';
import { predictDisks } from '../../src/lab/measure/measure-disks.js';
import type { Scenario } from '../../src/sim/scenario.js';
import { judge } from '../../src/study/answer/answer.js';
import { outcomes } from '../../src/study/outcomes/ask.js';
import { costQuestion } from '../../src/study/outcomes/flags.js';
import { runReplication } from '../../src/study/run.js';
import { makeExperiment } from '../../src/sweep/experiment/experiment.js';
import { makePlan } from '../../src/sweep/run/plan.js';

const MS = 1e6;
/** Time of any request, in ms. */
const SLOW = 1;
const FAST = 0.25;

const VM: ScenarioInput = {
  disks: [
    { size: '4T', granularity: '64k', bitmaps: 3 },
    {
      size: '500G',
      granularity: '16k',
      storage: 'ideal-1ms#2',
      'flush-latency': '0.25ms',
      history: 'stored',
    },
    { size: '1T', granularity: '64k', allocated: '100%', 'bitmap-storage': 'ideal-1ms#2' },
    { size: '64G', granularity: '256k', backing: [{ bitmaps: 2, granularity: '64k' }, {}] },
    {
      size: '500G',
      granularity: '64k',
      history: 'stored',
      storage: 'ideal-1ms#2',
      'flush-latency': '0.25ms',
    },
  ],
  storage: 'ideal-1ms',
  workload: 'idle',
  bitmaps: { dirty: '100%', history: 'new' },
  // What QEMU itself needs, to walk over refcounts and to count what was loaded, is no request's.
  host: 'zero',
  'flush-latency': '1ms',
};

/** Clusters of one bitmap: 64 KiB of bitmap stand for 8 x 64 KiB x granularity of disk. */
const K = {
  d4T: 4096 / 32,
  d500G16k: Math.ceil(500 / 8),
  d1T: 1024 / 32,
  d64G: 1,
  base: 2,
  d500G: Math.ceil(500 / 32),
};

const first = (k: number, n: number): number => n * k + n + 3 + 1 + 2;
const replaced = (k: number, n: number): number => n * k + n + 4 + n * k + (2 + n) + 4;
const load = (k: number, n: number): number => n * k + n + 3 + 7;

const STORE = {
  d4T: SLOW * first(K.d4T, 3),
  d500G16k: FAST * replaced(K.d500G16k, 1),
  d1T: SLOW * first(K.d1T, 1),
  d64G: SLOW * (first(K.d64G, 1) + 1),
  d500G: FAST * replaced(K.d500G, 1),
};
const LOAD = {
  d4T: SLOW * load(K.d4T, 3),
  d500G16k: FAST * load(K.d500G16k, 1),
  d1T: SLOW * load(K.d1T, 1),
  d64G: SLOW * (load(K.d64G, 1) + 2 * K.base + 2 + 3),
  d500G: FAST * load(K.d500G, 1),
};
const total = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((sum, part) => sum + part, 0);

const store = { name: 'store-at-stop' } as const;

async function bitmapMs(input: ScenarioInput, keep?: number): Promise<number> {
  const { scenario } = await resolve(input);
  const disks = keep === undefined ? scenario.disks : [scenario.disks[keep]!];
  const part: Scenario = { ...scenario, disks };
  return runReplication(part, [store], 1, 0)[0]!.metrics.bitmapDowntimeNs / MS;
}

describe('five disks that differ', () => {
  it('add what each adds, which is its requests times their time', async () => {
    const alone = await Promise.all(VM.disks!.map((_, disk) => bitmapMs(VM, disk)));
    const byHand = Object.keys(STORE).map(
      (name) => STORE[name as keyof typeof STORE] + LOAD[name as keyof typeof LOAD],
    );
    for (const [disk, ms] of alone.entries()) expect(ms).toBeCloseTo(byHand[disk]!, 6);
    expect(await bitmapMs(VM)).toBeCloseTo(total(STORE) + total(LOAD), 6);
  });

  it('are told alike by ask and by a sweep over one of them', async () => {
    const resolved = await resolve(VM);
    const { strategies } = judge(resolved);
    const asked = strategies.find(({ strategy }) => strategy === 'store-at-stop')!;
    expect(asked.deterministic).toBe(true);
    expect(asked.bitmap_downtime_ms.mean).toBeCloseTo(total(STORE) + total(LOAD), 6);
    const file = { question: 'how large?', base: { ...VM }, axes: { 'disks.0.size': ['4T', '2T', '1T'] } };
    const experiment = makeExperiment({
      name: 'one-disk',
      file: {
        ...file,
        zip: [],
        constraints: [],
        derived: {},
        design: 'grid',
        seed: 1,
        figures: [],
        quick: {},
      },
      overrides: {},
    });
    const plan = await makePlan(experiment);
    const swept: number[] = [];
    for (let index = 0; index < plan.points.count; index++) {
      const { scenario } = (await plan.point(index)).resolved;
      swept.push(runReplication(scenario, [store], 1, 0)[0]!.metrics.bitmapDowntimeNs / MS);
    }
    // Half of the first disk: half of its clusters less to write and to read.
    const less = (k: number): number => SLOW * 3 * 2 * (K.d4T - k);
    const whole = total(STORE) + total(LOAD);
    for (const [i, k] of [128, 64, 32].entries()) expect(swept[i]).toBeCloseTo(whole - less(k), 6);
  });

  it('have outcomes with the same times', async () => {
    const resolved = await resolve(VM, { strategies: 'store-at-stop' });
    const told = outcomes(resolved, costQuestion({}), { replications: true, strategies: true });
    const ok = told.cells.find(
      ({ outcome, strategy }) => outcome === 'ok-quit' && strategy === 'store-at-stop',
    )!;
    expect(ok.bitmap_downtime_ms).toBeCloseTo(total(STORE) + total(LOAD), 3);
  });

  it('are told alike by measure, file by file', async () => {
    const { scenario } = await resolve(VM);
    const names = new Map([
      ['back3-0', 64],
      ['back3-1', 64],
    ]);
    const files = predictDisks(scenario, names, (storage) => ({ storage, host: scenario.host }));
    // Over NBD a bare stop sends its flushes, too: a replacement adds 3 of them, not 4.
    const byHand = {
      disk0: STORE.d4T + LOAD.d4T,
      disk1: STORE.d500G16k + LOAD.d500G16k - FAST,
      disk2: STORE.d1T + LOAD.d1T,
      data2: 0,
      disk3: SLOW * (first(K.d64G, 1) + load(K.d64G, 1)),
      'back3-0': SLOW * (1 + 2 * K.base + 2 + 3),
      'back3-1': 0,
      disk4: STORE.d500G + LOAD.d500G - FAST,
    };
    const told = files.map(({ name, sourceMs, destinationMs }) => [name, sourceMs + destinationMs] as const);
    expect(told.map(([name]) => name).sort()).toEqual(Object.keys(byHand).sort());
    for (const [name, ms] of told)
      expect([name, ms]).toEqual([name, expect.closeTo(byHand[name as keyof typeof byHand], 6)]);
  });

  it('leave the bitmaps of images below to be read whatever becomes of their own', async () => {
    const resolved = await resolve(VM);
    const drop = { name: 'dont-store', variant: 'drop' } as const;
    const { metrics } = runReplication(resolved.scenario, [drop], 1, 0)[0]!;
    expect(metrics.bitmapDowntimeNs / MS).toBeCloseTo(SLOW * (1 + 2 * K.base + 2 + 3), 6);
  });
});
