import { describe, expect, it } from 'vitest';
import { Kernel } from '../../src/kernel/kernel.js';
import { ProcessorSharing } from '../../src/kernel/processor-sharing.js';

/** Ends of customers that come at the given times with the given work. */
function ends(customers: readonly (readonly [atNs: number, workNs: number])[], channels = 1): number[] {
  const kernel = new Kernel();
  const station = new ProcessorSharing(kernel, (n) => 1 / (1 + (n - 1) / channels));
  const out: number[] = [];
  for (const [i, [atNs, workNs]] of customers.entries())
    kernel.schedule(atNs, () => station.serve(workNs, () => void (out[i] = kernel.nowNs)));
  kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e6 });
  expect(station.customerNs).toBeCloseTo(
    customers.reduce((sum, [atNs], i) => sum + out[i]! - atNs, 0),
    3,
  );
  return out;
}

describe('processor sharing', () => {
  it('serves a customer alone in its own time', () => {
    expect(ends([[5, 100]])).toEqual([105]);
  });

  it('shares the station evenly: two hundred for each of two, and the shorter leaves first', () => {
    expect(
      ends([
        [0, 100],
        [0, 100],
      ]),
    ).toEqual([200, 200]);
    // 50 alone, then half speed: 25 more of the first take 50, the second has 25 of 100 done; 75 left alone.
    expect(
      ends([
        [0, 75],
        [50, 100],
      ]),
    ).toEqual([100, 175]);
  });

  it('slows two customers by half on two channels', () => {
    expect(
      ends(
        [
          [0, 100],
          [0, 100],
        ],
        2,
      ),
    ).toEqual([150, 150]);
  });

  it('is served at once with no work at all', () => {
    expect(ends([[3, 0]])).toEqual([3]);
  });

  it('tells whoever leaves early how much was done, and speeds up for the rest', () => {
    const kernel = new Kernel();
    const station = new ProcessorSharing(kernel, (n) => 1 / n);
    const ended: number[] = [];
    const impatient = station.serve(100, () => ended.push(-1));
    station.serve(100, () => ended.push(kernel.nowNs));
    // Half speed for 50 ns: 25 of each are done; the other has 75 left, alone.
    kernel.schedule(50, () => expect(station.leave(impatient)).toBeCloseTo(25, 6));
    kernel.run({ untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e3 });
    expect(ended).toEqual([125]);
    expect(station.customerNs).toBeCloseTo(50 + 125, 6);
  });
});
