// M/M/1 at 80 % load on our kernel: two handlers and a line of arrival times, no allocation per event.
// The C peer does the same draws in the same order, so both must report the same sum of waits.
import { Kernel } from '../../../dist/kernel/kernel.js';
import { Rng } from '../../../dist/kernel/rng.js';

/** As Math.round, which costs more here (V8 of Node 20). */
const exponentialNs = (rng, meanNs) => Math.floor(0.5 - meanNs * Math.log(rng.uniformPositive()));

const ARRIVAL_MEAN_NS = 1.25e6;
const SERVICE_MEAN_NS = 1e6;

/** One server and its line. The handlers are kept functions, so that scheduling them allocates nothing. */
class Queue {
  kernel = new Kernel();
  arrivals = new Rng([1, 2, 3, 4]);
  services = new Rng([5, 6, 7, 8]);
  line = new Float64Array(1024);
  head = 0;
  waiting = 0;
  busy = false;
  left;
  waitSumNs = 0.5;

  constructor(customers) {
    this.left = customers;
    this.waitSumNs = 0;
  }

  onArrival = () => {
    const { kernel } = this;
    kernel.schedule(exponentialNs(this.arrivals, ARRIVAL_MEAN_NS), this.onArrival);
    if (this.busy) this.enqueue(kernel.nowNs);
    else {
      this.busy = true;
      this.serve();
    }
  };

  onDeparture = () => {
    if (--this.left === 0) this.kernel.stop();
    if (this.waiting === 0) {
      this.busy = false;
      return;
    }
    const { line, head } = this;
    this.waitSumNs += this.kernel.nowNs - line[head];
    this.head = (head + 1) & (line.length - 1);
    this.waiting--;
    this.serve();
  };

  serve() {
    this.kernel.schedule(exponentialNs(this.services, SERVICE_MEAN_NS), this.onDeparture);
  }

  enqueue(arrivedNs) {
    const { line, head, waiting } = this;
    if (waiting === line.length) {
      this.line = new Float64Array(line.length * 2);
      for (let i = 0; i < waiting; i++) this.line[i] = line[(head + i) & (line.length - 1)];
      this.head = 0;
    }
    this.line[(this.head + this.waiting++) & (this.line.length - 1)] = arrivedNs;
  }
}

/** Serves this many customers; returns the sum of their waits in ns. */
function run(customers) {
  const queue = new Queue(customers);
  queue.kernel.schedule(exponentialNs(queue.arrivals, ARRIVAL_MEAN_NS), queue.onArrival);
  queue.kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: customers * 10 + 1000 });
  return queue.waitSumNs;
}

export const benchmark = {
  name: 'mm1',
  unit: 'customers',
  work: { full: 3_000_000, quick: 20_000 },
  prepare: (customers) => () => run(customers),
  peers: [
    { name: 'c', source: 'mm1.c', sameResult: true },
    { name: 'simpy', source: 'mm1.py', work: { full: 100_000, quick: 2_000 } },
  ],
};
