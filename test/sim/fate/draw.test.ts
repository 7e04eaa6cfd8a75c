import { describe, expect, it } from 'vitest';
import { namedStream } from '../../../src/kernel/rng.js';
import {
  drawOutcome,
  FAULTS,
  type FaultRates,
  type MigrationTimeline,
  outcomeAt,
  outcomeProbabilities,
} from '../../../src/sim/fate/draw.js';
import { OUTCOMES } from '../../../src/sim/fate/outcomes.js';

const S = 1e9;
const timeline: MigrationTimeline = {
  runningNs: 10 * S,
  pausedNs: 1 * S,
  switchoverNs: 2 * S,
  handoverNs: 1 * S,
  travellingNs: 6 * S,
};

describe('the outcome of a fault', () => {
  it('depends on when it strikes', () => {
    const at = (seconds: number): string[] =>
      FAULTS.map((fault) => outcomeAt(fault, seconds * S, timeline, 'kill'));
    expect(at(9.999)).toEqual([
      'cancel-kill',
      'dst-dies-running',
      'src-dies-running',
      'src-quits-running',
      'ok-kill',
    ]);
    expect(at(10)).toEqual([
      'cancel-preswitch',
      'dst-dies-preswitch',
      'src-dies-preswitch',
      'src-quits-preswitch',
      'ok-kill',
    ]);
    expect(at(12)).toEqual(['ok-kill', 'dst-dies-preswitch', 'src-dies-preswitch', 'ok-kill', 'store-eio']);
    expect(at(13.5)).toEqual([
      'ok-kill',
      'dst-dies-unactivated-kill',
      'ok-kill',
      'ok-kill',
      'dst-activate-eio',
    ]);
    expect(at(19)).toEqual([
      'postcopy-cancel',
      'postcopy-dst-dies',
      'postcopy-src-dies',
      'postcopy-src-dies',
      'ok-kill',
    ]);
    expect(at(20)).toEqual(['ok-kill', 'ok-kill', 'ok-kill', 'ok-kill', 'ok-kill']);
  });

  it('is always one that can be played', () => {
    for (const fault of FAULTS)
      for (let second = 0; second <= 21; second += 0.5)
        for (const later of ['quit', 'kill'] as const)
          expect(OUTCOMES).toHaveProperty(outcomeAt(fault, second * S, timeline, later));
  });
});

describe('drawn from rates', () => {
  const rates: FaultRates = {
    cancel: 0.02,
    'destination-dies': 0.03,
    'source-dies': 0.01,
    'storage-fails': 0.05,
  };

  it('follows the exact probabilities', () => {
    const draws = 20_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const { outcome } = drawOutcome(namedStream(1, i, 'fault'), rates, timeline, 0.25);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    const exact = outcomeProbabilities(rates, timeline, 0.25);
    expect(exact.size).toBeGreaterThan(8);
    // 4.5 standard deviations for each: a false alarm once in 15 000 seeds.
    for (const [outcome, p] of exact) {
      const sd = Math.sqrt(draws * p * (1 - p));
      expect(Math.abs((counts.get(outcome) ?? 0) - draws * p), outcome).toBeLessThan(4.5 * sd);
    }
  });

  it('never fails without rates', () => {
    expect(outcomeProbabilities({}, timeline, 0)).toEqual(new Map());
    expect(drawOutcome(namedStream(1, 0, 'fault'), {}, timeline, 0)).toEqual({
      outcome: 'ok-quit',
      fault: null,
      atNs: null,
    });
  });

  it('keeps its digits where faults are rare', () => {
    const p = outcomeProbabilities({ cancel: 1e-15 }, timeline, 0).get('cancel-quit')!;
    expect(p / 1e-14).toBeCloseTo(1, 9);
  });
});
