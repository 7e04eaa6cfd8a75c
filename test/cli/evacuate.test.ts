/** `evacuate` as its users know it: the contract of its JSON, what it says in words, and that it agrees with `ask`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EvacuationAnswer } from '../../src/study/evacuate/evacuate.js';
import { inProcess, printed } from '../support/in-process.js';
import { stopgap } from '../support/stopgap.js';

const directory = mkdtempSync(join(tmpdir(), 'evacuate-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Requests of 1 ms on one channel, no RAM to speak of: stops that come together wait for one another. */
const QUEUE = [
  ...['--storage', 'ideal-1ms', '--set', 'storage.channels=1', '--set', 'host.ram-spread=0'],
  ...[
    '--workload',
    'idle',
    '--ram',
    '1G',
    '--disk',
    '512G',
    '--dirty',
    '100%',
    '--strategy',
    'store-at-stop',
  ],
];

const asked = async (...words: string[]): Promise<EvacuationAnswer> =>
  JSON.parse(await printed('evacuate', ...QUEUE, '--json', '--jobs', '1', ...words));

describe('evacuate --json', () => {
  it('has what other programs rely on', async () => {
    const answer = await asked('--vms', '6', '--parallel', '3', '--budget', '150ms');
    expect(answer).toMatchObject({ vms: 6, parallel: 3, budget_ms: 150 });
    const [store] = answer.strategies;
    expect(store).toMatchObject({ strategy: 'store-at-stop', variant: null, state: 'completed' });
    expect(Object.keys(store!.downtime_ms)).toEqual(['mean', 'ci95', 'p50', 'p95', 'max']);
    expect(Object.keys(store!.emptied_ms)).toEqual(['mean', 'ci95']);
    expect(['fits', 'fits-with-limit', 'borderline', 'too-much']).toContain(store!.verdict);
    expect(store!.parallel_that_fits).toBe(answer.parallel_that_fits);
  });

  it('names the largest number at a time that fits: one more does not', async () => {
    const words = ['--vms', '8', '--budget', '250ms'];
    const { parallel_that_fits: largest } = await asked(...words);
    expect(largest).toBeGreaterThan(1);
    expect(largest).toBeLessThan(8);
    const p95 = async (parallel: number): Promise<number> =>
      (await asked(...words, '--parallel', String(parallel))).strategies[0]!.downtime_ms.p95;
    expect(await p95(largest!)).toBeLessThanOrEqual(250);
    expect(await p95(largest! + 1)).toBeGreaterThan(250);
  });

  it('says so where all fit, and where not even one does', async () => {
    expect((await asked('--vms', '3', '--budget', '10s')).parallel_that_fits).toBe(3);
    expect((await asked('--vms', '3', '--budget', '1ms')).parallel_that_fits).toBeNull();
  });

  it('of one VM says what ask says of it', async () => {
    const same = ['--bitmaps', '3', '--disk', '256G', '--replications', '5', '--strategy', 'store-at-stop'];
    const answer: EvacuationAnswer = JSON.parse(await printed('evacuate', ...same, '--vms', '1', '--json'));
    const { strategies } = JSON.parse(await printed('ask', ...same, '--json'));
    expect(answer.strategies[0]!.downtime_ms.mean).toBe(strategies[0].downtime_ms.mean);
    expect(answer.strategies[0]!.downtime_ms.p50).toBe(strategies[0].downtime_ms.p50);
  });
});

it('the text says how many at a time, and exit 1 that the budget is not kept', async () => {
  const { code, out } = await inProcess(
    'evacuate',
    ...QUEUE,
    '--vms',
    '8',
    '--parallel',
    '8',
    '--budget',
    '250ms',
  );
  expect(code).toBe(1);
  expect(out).toMatch(/^8 VMs leave the host, 8 at a time/);
  expect(out).toMatch(
    /store-at-stop fits 250 ms with up to \d at a time: .*the host is empty after .*; \d at a time: /,
  );
});

it('files are VMs that leave in turn, and share the storage', async () => {
  const [small, large] = ['128G', '512G'].map((size, i) => {
    const path = join(directory, `vm${i}.yaml`);
    writeFileSync(path, `disk: {size: ${size}}\n`);
    return path;
  }) as [string, string];
  const common = QUEUE.filter((word, i) => word !== '--disk' && QUEUE[i - 1] !== '--disk');
  const stops = async (...words: string[]): Promise<EvacuationAnswer> =>
    JSON.parse(await printed('evacuate', ...words, ...common, '--json', '--replications', '1'));
  const both = await stops(small, large);
  const [alone, other] = [await stops(small, '--vms', '1'), await stops(large, '--vms', '1')];
  expect(both.vms).toBe(2);
  expect(both.strategies[0]!.downtime_ms.max).toBe(other.strategies[0]!.downtime_ms.max);
  expect(both.strategies[0]!.emptied_ms.mean).toBeCloseTo(
    alone.strategies[0]!.emptied_ms.mean + other.strategies[0]!.emptied_ms.mean,
    3,
  );
  expect((await stops(small, large, '--parallel', '2')).strategies[0]!.downtime_ms.max).toBeGreaterThan(
    other.strategies[0]!.downtime_ms.max,
  );
  expect((await stops(small, large, '--vms', '4')).vms).toBe(4);
});

it('--csv has a line for each number at a time that was looked at, --figure draws them', async () => {
  const figure = join(directory, 'at-a-time.svg');
  const csv = await printed(
    'evacuate',
    ...QUEUE,
    '--vms',
    '4',
    '--budget',
    '250ms',
    '--csv',
    '--figure',
    figure,
  );
  const [head, ...rows] = csv.trimEnd().split('\n');
  expect(head).toMatch(/^strategy,variant,vms,parallel,/);
  expect(rows.map((row) => row.split(',')[3])).toEqual([...new Set(rows.map((row) => row.split(',')[3]))]);
  expect(rows.length).toBeGreaterThan(2);
});

it('the built program gives the same bytes with any number of jobs', () => {
  const words = [
    'evacuate',
    '--vms',
    '4',
    '--parallel',
    '2',
    '--disk',
    '256G',
    '--replications',
    '2',
    '--json',
  ];
  const [one, two] = ['1', '2'].map((jobs) =>
    stopgap(...words, '--strategy', 'store-at-stop', '--jobs', jobs),
  );
  expect(one!.code).toBe(0);
  expect(two!.out).toBe(one!.out);
});

it('vms and parallel are quantities of solve', async () => {
  const words = [...QUEUE, '--vms', '8', '--budget', '250ms', '--json', '--replications', '80'];
  const solved = JSON.parse(await printed('solve', 'parallel', ...words));
  const { parallel_that_fits } = await asked('--vms', '8', '--budget', '250ms');
  expect(solved).toMatchObject({ quantity: 'parallel', state: 'root', sense: 'largest' });
  expect(solved.lo).toBeLessThanOrEqual(parallel_that_fits!);
  expect(solved.hi).toBeGreaterThanOrEqual(parallel_that_fits!);
});

it('parallel is searched no further than there are VMs, and vms needs no value of its own', async () => {
  const words = [...QUEUE, '--json', '--replications', '80'];
  const solved = JSON.parse(await printed('solve', 'parallel', ...words, '--vms', '8', '--budget', '1h'));
  expect(solved).toMatchObject({ state: 'all-fit', value: 8 });
  const { code, out } = await inProcess('solve', 'vms', ...words, '--parallel', '2', '--budget', '1ms');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ quantity: 'vms', state: 'none-fits', value: null });
});

/**
 * Golden: every figure follows from 76 requests of 1 ms in a stop, on one channel that as many stops share as VMs leave at a
 * time: 3 x 76 ms and half of a round trip, 4 x 76 ms; two threes of them empty the host.
 */
it('prints this, to the letter', async () => {
  const words = [...QUEUE, '--host', 'zero', '--vms', '6', '--parallel', '3', '--budget', '250ms'];
  expect(await printed('evacuate', ...words, '--jobs', '1')).toBe(`\
6 VMs leave the host, 3 at a time: how long each stands still, and when the host is empty

strategy         stop     p95  longest  over 250 ms  host empty after  verdict  at a time that fits
store-at-stop  226 ms  228 ms   228 ms          0 %            458 ms  fits                       3

- store-at-stop fits 250 ms with up to 3 at a time: 95 % of the stops end within 228 ms, the longest takes 228 ms, and the host is empty after 458 ms; 4 at a time: 304 ms.

Asked: storage ideal-1ms, link 10gbit; 17 evacuations, 102 stops.
`);
});
