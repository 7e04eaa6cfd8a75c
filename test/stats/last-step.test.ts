/** The last step that fits, of functions whose root is known. */
import { describe, expect, it } from 'vitest';
import { lastStep, type Steps } from '../../src/stats/last-step.js';

const RANGE = { lowest: 1, highest: 1e9, resolution: 1e-3 };

/** What is found, and of how many steps it was asked. */
function found(steps: Omit<Steps, keyof typeof RANGE>, excess: (step: number) => number) {
  let asked = 0;
  const at = lastStep({ ...RANGE, ...steps }, (step) => {
    asked++;
    expect(Number.isInteger(step)).toBe(true);
    return excess(step);
  });
  return { at, asked };
}

/** Within the resolution of the root, on the side that fits. */
function expectLast(at: number | 'none' | 'all', root: number, way: 1 | -1): void {
  expect(way * (root - (at as number))).toBeGreaterThanOrEqual(0);
  expect(Math.abs(root - (at as number))).toBeLessThanOrEqual(Math.max(1, root * 1e-3));
}

describe('the last step that fits', () => {
  it.each([0.3, 0.9, 0.999, 1, 1.04, 3])('is found from a guess of %d of it', (share) => {
    const root = 123_456;
    for (const way of [1, -1] as const) {
      const excess = way === 1 ? (x: number) => x / root - 1 : (x: number) => root / x - 1;
      const { at, asked } = found({ guess: Math.round(share * root), way }, excess);
      expectLast(at, root, way);
      expect(asked).toBeLessThanOrEqual(14);
    }
  });

  it('takes five steps where all is about proportional and the guess a little off', () => {
    expect(found({ guess: 105_000, way: 1 }, (x) => (x + 20_000) / 120_000 - 1).asked).toBeLessThanOrEqual(5);
  });

  it('is found at a jump', () => {
    expectLast(found({ guess: 1000, way: 1 }, (x) => (x > 777 ? 0.2 : -0.001)).at, 777, 1);
  });

  it('is none or any of them where all are alike', () => {
    expect(found({ guess: 5000, way: 1 }, () => 0.1).at).toBe('none');
    expect(found({ guess: 5000, way: 1 }, () => -0.1).at).toBe('all');
    expect(found({ guess: 5000, way: -1 }, () => Number.POSITIVE_INFINITY).at).toBe('none');
    expect(found({ guess: 5000, way: -1 }, () => 0).at).toBe('all');
  });
});
