// The hold model of the queue literature (D. W. Jones, CACM 29 (1986)): a fixed number of events is pending, each
// one handled is put back after a random time. What it measures is the event queue at that size.
import { Kernel } from '../../dist/kernel/kernel.js';
import { Rng } from '../../dist/kernel/rng.js';

/** As Math.round, which costs more here (V8 of Node 20). */
const exponentialNs = (rng, meanNs) => Math.floor(0.5 - meanNs * Math.log(rng.uniformPositive()));

const DELAY_MEAN_NS = 1e9;

/** Handles this many events with `pending` in the queue; returns the time reached in ns. */
function prepare(pending) {
  return (holds) => {
    const kernel = new Kernel();
    const delays = new Rng([1, 2, 3, 4]);
    const hold = () => {
      kernel.schedule(exponentialNs(delays, DELAY_MEAN_NS), hold);
    };
    for (let i = 0; i < pending; i++) hold();
    return () => {
      kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: holds });
      return kernel.nowNs;
    };
  };
}

/** The benchmark with this many events pending. */
export const hold = (name, pending) => ({
  name,
  unit: 'events',
  work: { full: 3_000_000, quick: 20_000 },
  prepare: prepare(pending),
  peers: [
    { name: 'c', source: 'hold.c', args: [pending], sameResult: true },
    { name: 'simpy', source: 'hold.py', args: [pending], work: { full: 300_000, quick: 2_000 } },
  ],
});
