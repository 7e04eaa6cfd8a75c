/** Slow spells of a device: the mean stays, the spread grows, and everybody meets the same ones. */
import { describe, expect, it } from 'vitest';
import { namedStream } from '../../../src/kernel/rng.js';
import { NO_SPELLS, Spells } from '../../../src/sim/storage/spells.js';

const MS = 1e6;
const SPEC = { levelSpread: 0, slowFactor: 5, slowMeanNs: 100 * MS, fastMeanNs: 400 * MS };
const spells = (spec: typeof SPEC, seed: number): Spells => new Spells(spec, namedStream(seed, 0, 'spells'));

describe('spells', () => {
  it('change nothing where there are none, and draw nothing', () => {
    const rng = namedStream(1, 0, 'spells');
    const none = new Spells(NO_SPELLS, rng);
    expect(none.elapsedNs(7, 12_345.678)).toBe(12_345.678);
    expect(rng.uint32()).toBe(namedStream(1, 0, 'spells').uint32());
  });

  it('let as much work be done over a long time as without them', () => {
    const elapsed = spells(SPEC, 1).elapsedNs(0, 2e5 * 500 * MS);
    // 2e5 cycles: the relative error of the mean is below 0.3 %.
    expect(elapsed / (2e5 * 500 * MS)).toBeCloseTo(1, 2);
  });

  it('stretch a short request by the factor of the spell it falls into, fast ones below the mean', () => {
    const fast = 1 - 0.2 + 0.2 / 5;
    const device = spells(SPEC, 3);
    const stretches = Array.from({ length: 20_000 }, (_, i) => device.elapsedNs(i * 50 * MS, 1));
    const whole = stretches.filter((s) => Math.abs(s - fast) < 1e-6 || Math.abs(s - 5 * fast) < 1e-6);
    expect(whole.length).toBeGreaterThan(19_990);
    const slow = whole.filter((s) => s > 1).length / whole.length;
    // Share of slow moments 20 %; of 2000 cycles the standard error is below 1 %.
    expect(Math.abs(slow - 0.2)).toBeLessThan(0.03);
  });

  it('are the same whoever asks, in whatever order', () => {
    const [one, two] = [spells(SPEC, 5), spells(SPEC, 5)];
    const times = [0, 3e9, 1e9, 2.5e9, 1e6];
    const forwards = new Map(times.map((at) => [at, one.elapsedNs(at, 7e7)]));
    for (const at of [...times].sort((a, b) => a - b)) expect(two.elapsedNs(at, 7e7)).toBe(forwards.get(at));
  });

  it('begin work in one spell and end it in another without losing any', () => {
    const device = spells(SPEC, 8);
    const whole = device.elapsedNs(0, 3e9);
    const first = device.elapsedNs(0, 1.2e9);
    expect(first + device.elapsedNs(first, 1.8e9)).toBeCloseTo(whole, 0);
  });

  it('have a level that is 1 in the mean', () => {
    const levels = Array.from({ length: 4000 }, (_, seed) =>
      spells({ ...SPEC, slowFactor: 1, levelSpread: 0.3 }, seed).elapsedNs(0, 1),
    );
    const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
    const sd = Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length);
    // Standard errors: 0.5 % of the mean, 1.5 % of the deviation; 4 of them, so one seed in 15,000 fails by chance.
    expect(Math.abs(mean - 1)).toBeLessThan(0.02);
    expect(sd).toBeCloseTo(Math.sqrt(Math.expm1(0.09)), 1);
  });
});
