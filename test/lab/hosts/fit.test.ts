import { describe, expect, it } from 'vitest';
import { anyHost } from '../../../src/lab/host.js';
import { crossFit, type Repeats, widening } from '../../../src/lab/hosts/cross-fit.js';
import { fitHost, joined, type Observation } from '../../../src/lab/hosts/fit.js';
import type { HostSpec } from '../../../src/sim/scenario.js';
import { hostShare } from '../../../src/sim/stop/host-share.js';
import { inverseDiagonal, solve } from '../../../src/stats/linear.js';

const prior = await anyHost();
const truth: HostSpec = { ...prior, perScannedClusterNs: 13, perWriteNs: 5_000 };

/** A stop of so many writes and walked clusters, measured exactly on the true host. */
function stop(writes: number, clusters: number, measuredOn: HostSpec = truth): Observation {
  const predictMs = (host: HostSpec): number =>
    20 + (writes * host.perWriteNs + clusters * host.perScannedClusterNs) / 1e6;
  return { measuredMs: predictMs(measuredOn), sdMs: 0.1, predictMs };
}

describe('the host from measured stops', () => {
  it('solves what a fit comes down to', () => {
    const matrix = [
      [4, 1],
      [1, 3],
    ];
    expect(solve(matrix, [1, 2])).toEqual([expect.closeTo(1 / 11, 12), expect.closeTo(7 / 11, 12)]);
    expect(inverseDiagonal(matrix)).toEqual([expect.closeTo(3 / 11, 12), expect.closeTo(4 / 11, 12)]);
  });

  it('finds the figures that the stops tell, and leaves the others and their spread alone', () => {
    const host = fitHost(prior, [stop(500, 0), stop(1_000, 4e6), stop(5, 8e6)], 'found');
    expect(host.perScannedClusterNs).toBeCloseTo(13, 0);
    expect(host.perWriteNs / 1_000).toBeCloseTo(5, 0);
    expect(host.spread!.perScannedClusterNs).toBeLessThan(0.1 * prior.spread!.perScannedClusterNs!);
    expect(host.perPunchNs).toBeCloseTo(prior.perPunchNs, 6);
    expect(host.spread!.perPunchNs).toBeCloseTo(prior.spread!.perPunchNs!, 6);
  });

  it('is not led astray by one stop that another program disturbed', () => {
    const stops = Array.from({ length: 8 }, (_, i) => stop(10, (i + 1) * 1e6));
    const disturbed = { ...stop(10, 4e6), measuredMs: 400 };
    const host = fitHost(prior, [...stops, disturbed], 'found');
    expect(host.perScannedClusterNs).toBeCloseTo(13, 0);
  });

  it('takes of repeats the median, and on a crowded machine, where others only make them longer, a shorter one', () => {
    const repeats = [40, 41, 60].map((measuredMs) => ({ ...stop(10, 1e6), measuredMs }));
    expect(joined(repeats).measuredMs).toBe(41);
    expect(joined(repeats.map((each) => ({ ...each, crowded: true }))).measuredMs).toBe(40.5);
  });

  it('predicts each configuration with the host of the others', () => {
    const repeats = (configuration: string, on: HostSpec): Repeats => ({
      configuration,
      observations: [[stop(5, 4e6, on)]],
    });
    const others = ['b', 'c', 'd'].map((name) => repeats(name, truth));
    const slow = { ...truth, perScannedClusterNs: 60 };
    const hostOfA = [slow, truth].map((on) => crossFit(prior, [repeats('a', on), ...others])('a'));
    expect(hostOfA[0]).toEqual(hostOfA[1]);
    expect(hostOfA[0]!.perScannedClusterNs).toBeCloseTo(13, 0);
    expect(crossFit(prior, [repeats('a', slow), ...others])('b').perScannedClusterNs).toBeGreaterThan(13.1);
  });

  it('widens the interval of a configuration by what the others were off, never by its own', () => {
    const misses = Array.from({ length: 40 }, (_, i) => ({ configuration: `c${i % 20}`, deviations: 4 }));
    const own = misses.map((miss) => (miss.configuration === 'c0' ? { ...miss, deviations: 100 } : miss));
    expect(widening(misses)('c0')).toBeGreaterThan(1.5);
    expect(widening(own)('c0')).toBe(widening(misses)('c0'));
  });

  it('counts what a figure may be off in the interval of a prediction', () => {
    const { predictMs } = stop(0, 10e6);
    expect(hostShare(predictMs, prior)).toBeCloseTo(10 * prior.spread!.perScannedClusterNs!, 6);
    expect(hostShare(predictMs, { ...prior, spread: {} })).toBe(0);
  });
});
