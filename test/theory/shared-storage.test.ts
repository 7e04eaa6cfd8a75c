/**
 * A storage that several machines share, against queueing theory: M/D/k (C. D. Crommelin, "Delay probability formulae",
 * 1932), and machine repair, where each of n machines has one request at a time (L. Kleinrock, Queueing Systems, vol. 1, 3.8).
 * Each figure comes from 50 independent replications; it must lie within 5 of its own standard errors of the formula (Student
 * with 49 degrees of freedom: 8e-6 a comparison, 7e-5 for this file), and that error must be small enough to notice another rule.
 */
import { describe, expect, it } from 'vitest';
import { exponential } from '../../src/kernel/distributions.js';
import { Kernel } from '../../src/kernel/kernel.js';
import type { Process } from '../../src/kernel/process.js';
import { namedStream } from '../../src/kernel/rng.js';
import { SharedStorage } from '../../src/sim/storage/shared-storage.js';
import { calm } from '../support/situation.js';

const SERVICE_NS = 1e6;
const REPLICATIONS = 50;

async function storageOf(channels: number, iops: string | number = 'unlimited') {
  const { scenario } = await calm({ 'storage.channels': channels, 'storage.iops-limit': iops });
  return scenario.storage;
}

/** One request after QEMU's own time for it. */
const request = (hostNs: number, deviceNs: number) => ({
  requests: 1,
  wholeNs: hostNs + deviceNs,
  deviceNs,
  transferNs: 0,
  weights: null,
});

function expectNear(values: readonly number[], theory: number, errorMax: number): void {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1);
  const error = Math.sqrt(variance / values.length);
  expect(error / theory).toBeLessThan(errorMax);
  expect(Math.abs(mean - theory)).toBeLessThan(5 * error);
}

/** Mean wait in service times at an offered load of `a` on c servers. */
function crommelin(a: number, c: number): number {
  let wait = 0;
  for (let i = 1; i < 2000; i++) {
    // Poisson probabilities of i * a from i * c on.
    const mean = i * a;
    let log = -mean;
    let [from, beyond] = [0, 0];
    for (let j = 0; j < i * c + 400; j++) {
      if (j > 0) log += Math.log(mean / j);
      if (j >= i * c) from += Math.exp(log);
      if (j > i * c) beyond += Math.exp(log);
    }
    const term = from - (c / a) * beyond;
    wait += term;
    if (i > 5 && term < 1e-9) break;
  }
  return wait;
}

it('the formula gives Pollaczek and Khinchine on one server', () => {
  for (const a of [0.3, 0.7]) expect(crommelin(a, 1)).toBeCloseTo(a / (2 * (1 - a)), 6);
});

describe('requests that come by chance, all alike (M/D/k)', () => {
  it.each([
    [1, 0.7],
    [3, 0.7],
    [8, 0.9],
  ])('on %i channels at a load of %f', async (channels, load) => {
    const storage = await storageOf(channels);
    const waits = Array.from({ length: REPLICATIONS }, (_, replication) => {
      const kernel = new Kernel();
      const shared = new SharedStorage(kernel, storage);
      const rng = namedStream(1, replication, 'arrivals');
      let [sumNs, counted] = [0, 0];
      function* machine(isCounted: boolean): Process {
        const fromNs = kernel.nowNs;
        yield* shared.make(request(0, SERVICE_NS));
        if (!isCounted) return;
        sumNs += kernel.nowNs - fromNs - SERVICE_NS;
        counted++;
      }
      function* arrivals(): Process {
        for (let i = 0; i < 2000; i++) {
          yield Math.round(exponential(rng, SERVICE_NS / load / channels));
          kernel.spawn('machine', machine(i >= 500));
        }
      }
      kernel.spawn('arrivals', arrivals());
      kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e6 });
      return sumNs / counted / SERVICE_NS;
    });
    expectNear(waits, crommelin(load * channels, channels), 0.06);
  });
});

/** Requests a service time that n machines get done on c channels, each thinking for z service times in the mean. */
function repaired(n: number, c: number, z: number): number {
  const weights = [1];
  for (let k = 1; k <= n; k++) weights.push((weights[k - 1]! * (n - k + 1)) / z / Math.min(k, c));
  const total = weights.reduce((a, b) => a + b);
  return weights.reduce((sum, weight, k) => sum + (weight / total) * Math.min(k, c), 0);
}

describe('machines with one request at a time (machine repair, M/M/k//n)', () => {
  it.each([
    [2, 1, 0.5],
    [5, 2, 1],
    [12, 4, 3],
  ])('%i machines on %i channels, %f of thinking', async (machines, channels, think) => {
    const storage = await storageOf(channels);
    const rates = Array.from({ length: REPLICATIONS }, (_, replication) => {
      const kernel = new Kernel();
      const shared = new SharedStorage(kernel, storage);
      let done = 0;
      function* machine(j: number): Process {
        const rng = namedStream(1, replication, `machine/${j}`);
        for (;;) {
          const hostNs = Math.round(exponential(rng, think * SERVICE_NS));
          yield* shared.make(request(hostNs, Math.round(exponential(rng, SERVICE_NS))));
          done++;
        }
      }
      for (let j = 0; j < machines; j++) kernel.spawn('machine', machine(j));
      kernel.run({ untilNs: 100 * SERVICE_NS, eventsMax: 1e6 });
      const before = done;
      kernel.run({ untilNs: 800 * SERVICE_NS, eventsMax: 1e6 });
      return (done - before) / 700;
    });
    expectNear(rates, repaired(machines, channels, think), 0.015);
  });
});

it('a bucket gives its rate to however many ask', async () => {
  const storage = await storageOf(64, 2000);
  const kernel = new Kernel();
  const shared = new SharedStorage(kernel, storage);
  let done = 0;
  function* machine(): Process {
    for (;;) {
      yield* shared.make(request(0, SERVICE_NS));
      done++;
    }
  }
  for (let j = 0; j < 10; j++) kernel.spawn('machine', machine());
  kernel.run({ untilNs: 5e9, eventsMax: 1e6 });
  expect(done).toBeGreaterThan(9_980);
  expect(done).toBeLessThan(10_020);
});

it('bytes of all pass one after another, while each keeps its channel', async () => {
  const storage = await storageOf(8);
  const kernel = new Kernel();
  const shared = new SharedStorage(kernel, storage);
  const ends: number[] = [];
  function* machine(): Process {
    yield* shared.make({ ...request(0, SERVICE_NS), transferNs: SERVICE_NS / 4 });
    ends.push(kernel.nowNs);
  }
  for (let j = 0; j < 3; j++) kernel.spawn('machine', machine());
  kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e6 });
  expect(ends).toEqual([1, 1.25, 1.5].map((share) => share * SERVICE_NS));
});
