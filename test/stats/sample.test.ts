import { mean } from 'simple-statistics';
import { expect, it } from 'vitest';
import { namedStream } from '../../src/kernel/rng.js';
import { RunningMean, Sample } from '../../src/stats/sample.js';

it('keeps numbers and their mean, to the last bit', () => {
  const rng = namedStream(1, 0, 'sample');
  for (const n of [1, 2, 16, 17, 1000]) {
    const numbers = Array.from({ length: n }, () => (rng.uniform() - 0.5) * 10 ** (rng.below(40) - 20));
    const [sample, running] = [new Sample(), new RunningMean()];
    for (const number of numbers) {
      sample.push(number);
      running.push(number);
    }
    expect([...sample.values]).toEqual(numbers);
    expect(running.mean).toBe(mean(numbers));
  }
  expect(new RunningMean().mean).toBeNull();
  expect(new Sample().values).toHaveLength(0);
});
