import { describe, expect, it } from 'vitest';
import {
  drawOutcome,
  type MigrationTimeline,
  outcomeAt,
  outcomeProbabilities,
  unharmed,
} from '../../src/fate/draw.js';
import { OUTCOMES } from '../../src/fate/outcomes.js';
import { namedStream } from '../../src/kernel/rng.js';
import { FAULTS, type FaultRates } from '../../src/sim/faults.js';

const S = 1e9;
const timeline: MigrationTimeline = {
  runningNs: 10 * S,
  pausedNs: 1 * S,
  switchoverNs: 2 * S,
  handoverNs: 1 * S,
  travellingNs: 6 * S,
  mergingNs: 0,
  converges: true,
};
/** Never comes to its stop: given up after ten seconds. */
const endless: MigrationTimeline = { ...timeline, converges: false };

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
    for (const each of [timeline, endless])
      for (const fault of FAULTS)
        for (let second = 0; second <= 21; second += 0.5)
          for (const later of ['quit', 'kill'] as const)
            expect(OUTCOMES).toHaveProperty(outcomeAt(fault, second * S, each, later));
  });

  it('is a cancel where the migration does not converge and no fault came first', () => {
    expect(unharmed(endless)).toBe('cancel-quit');
    for (const fault of FAULTS) expect(outcomeAt(fault, 10 * S, endless, 'kill')).toBe('cancel-kill');
    expect(outcomeAt('destination-dies', 9.999 * S, endless)).toBe('dst-dies-running');
    expect(outcomeAt('storage-fails', 5 * S, endless)).toBe('cancel-quit');
  });
});

describe('drawn from rates', () => {
  const rates: FaultRates = {
    cancel: 0.02,
    'destination-dies': 0.03,
    'source-dies': 0.01,
    'storage-fails': 0.05,
  };

  it.each([
    ['converges', timeline, 9],
    ['does not', endless, 4],
  ] as const)('follows the exact probabilities where the migration %s', (_, each, outcomes) => {
    const draws = 20_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const { outcome } = drawOutcome(namedStream(1, i, 'fault'), rates, each, 0.25);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    const exact = outcomeProbabilities(rates, each, 0.25);
    expect(exact.size).toBeGreaterThanOrEqual(outcomes);
    const success = 1 - [...exact.values()].reduce((total, p) => total + p, 0);
    expect((counts.get('ok-quit') ?? 0) / draws).toBeCloseTo(success, 1);
    // 4.5 standard deviations for each: a false alarm once in 15 000 seeds.
    for (const [outcome, p] of exact) {
      const sd = Math.sqrt(draws * p * (1 - p));
      expect(Math.abs((counts.get(outcome) ?? 0) - draws * p), outcome).toBeLessThan(4.5 * sd);
    }
  });

  it('never fails without rates', () => {
    expect(outcomeProbabilities({}, timeline, 0)).toEqual(new Map());
    expect(outcomeProbabilities({}, endless, 0)).toEqual(new Map([['cancel-quit', 1]]));
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
