/**
 * The Server against queueing theory (L. Kleinrock, Queueing Systems, vol. 1, 1975; A. Cobham, "Priority assignment
 * in waiting line problems", 1954). Each mean wait comes from 50 independent replications after a warm-up; it must
 * lie within 5 of its own standard errors of the formula (Student with 49 degrees of freedom: 8e-6 a comparison)
 * and that error must be small enough to notice a wrong discipline.
 */
import { describe, expect, it } from 'vitest';
import { exponential } from '../../src/kernel/distributions.js';
import { Kernel, type TimeNs } from '../../src/kernel/kernel.js';
import type { Process } from '../../src/kernel/process.js';
import { namedStream, type Rng } from '../../src/kernel/rng.js';
import { Server } from '../../src/kernel/server.js';

const SERVICE_NS = 1e6;
const REPLICATIONS = 50;
const WARM_UP = 1000;
const CUSTOMERS = 6000;

interface Queue {
  readonly servers: number;
  readonly load: number;
  readonly service: (rng: Rng) => TimeNs;
  /** Share of the customers in priority class 0; the others are in class 1. */
  readonly firstClass?: number;
}

/** Mean waits of the classes in one replication, in units of the mean service time, and the utilisation. */
function replicate(queue: Queue, replication: number): { waits: number[]; utilisation: number } {
  const kernel = new Kernel();
  const server = new Server(kernel, queue.servers);
  const [arrivals, services, classes] = ['arrivals', 'services', 'classes'].map((name) =>
    namedStream(1, replication, name),
  ) as [Rng, Rng, Rng];
  const sums = [0, 0];
  const counts = [0, 0];
  let arrived = 0;
  const arrive = (): void => {
    const priority = classes.uniform() < (queue.firstClass ?? 1) ? 0 : 1;
    const isCounted = ++arrived > WARM_UP;
    const serviceNs = queue.service(services);
    const arrivedNs = kernel.nowNs;
    server.submit(serviceNs, priority, () => {
      if (!isCounted) return;
      sums[priority]! += (kernel.nowNs - arrivedNs - serviceNs) / SERVICE_NS;
      counts[priority]!++;
    });
    if (arrived < WARM_UP + CUSTOMERS)
      kernel.schedule(exponentialNs(arrivals, SERVICE_NS / (queue.load * queue.servers)), arrive);
  };
  arrive();
  expect(kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e6 })).toBe('idle');
  return {
    waits: sums.map((sum, i) => sum / counts[i]!),
    utilisation: server.busyNs / queue.servers / kernel.nowNs,
  };
}

function expectNear(values: number[], theory: number, errorMax: number): void {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1);
  const error = Math.sqrt(variance / values.length);
  expect(error / theory).toBeLessThan(errorMax);
  expect(Math.abs(mean - theory)).toBeLessThan(5 * error);
}

/** Whole nanoseconds, as the clock takes them. */
const exponentialNs = (rng: Rng, meanNs: number): TimeNs => Math.round(exponential(rng, meanNs));
const exponentialService = (rng: Rng): TimeNs => exponentialNs(rng, SERVICE_NS);
const constant = (): TimeNs => SERVICE_NS;

function expectWaits(queue: Queue, theory: readonly number[], errorMax = 0.02): void {
  const runs = Array.from({ length: REPLICATIONS }, (_, i) => replicate(queue, i));
  for (const [i, wait] of theory.entries())
    expectNear(
      runs.map(({ waits }) => waits[i]!),
      wait,
      errorMax,
    );
  expectNear(
    runs.map(({ utilisation }) => utilisation),
    queue.load,
    errorMax,
  );
}

describe('mean waits of Server', () => {
  it.each([0.3, 0.7])('M/M/1 at load %s: rho / (1 - rho) service times', (load) =>
    expectWaits({ servers: 1, load, service: exponentialService }, [load / (1 - load)]),
  );

  it.each([0.3, 0.7])('M/D/1 at load %s: half of that (Pollaczek and Khinchine)', (load) =>
    expectWaits({ servers: 1, load, service: constant }, [load / (1 - load) / 2]),
  );

  it.each([2, 5])('M/M/%s at load 0.7: Erlang C / (c (1 - rho))', (c) => {
    const offered = 0.7 * c;
    let erlangB = 1;
    for (let k = 1; k <= c; k++) erlangB = (offered * erlangB) / (k + offered * erlangB);
    const mustWait = erlangB / (1 - 0.7 * (1 - erlangB));
    expectWaits({ servers: c, load: 0.7, service: exponentialService }, [mustWait / (c * (1 - 0.7))], 0.03);
  });

  it('two priority classes, not interrupting: Cobham', () => {
    const [load, firstClass] = [0.7, 0.4];
    const residual = load; // lambda E[S^2] / 2 in service times, for exponential services
    const first = residual / (1 - load * firstClass);
    expectWaits({ servers: 1, load, service: exponentialService, firstClass }, [first, first / (1 - load)]);
  });
});

it('processes with use() see exactly the waits that callbacks with submit() see', () => {
  const ends = { submit: [] as TimeNs[], use: [] as TimeNs[] };
  for (const way of ['submit', 'use'] as const) {
    const kernel = new Kernel();
    const server = new Server(kernel, 2);
    const rng = namedStream(1, 0, 'both');
    function* customer(serviceNs: TimeNs): Process {
      yield* server.use(serviceNs);
      ends[way].push(kernel.nowNs);
    }
    function* source(): Process {
      for (let i = 0; i < 2000; i++) {
        const serviceNs = exponentialNs(rng, 1.6 * SERVICE_NS);
        if (way === 'use') kernel.spawn('customer', customer(serviceNs));
        else server.submit(serviceNs, 0, () => ends.submit.push(kernel.nowNs));
        yield exponentialNs(rng, SERVICE_NS);
      }
    }
    kernel.spawn('source', source());
    kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e6 });
    expect(server.waitNs).toBeGreaterThan(0);
  }
  expect(ends.use).toHaveLength(2000);
  expect(ends.use).toEqual(ends.submit);
});
