import { expect, it } from 'vitest';
import { compareCsv, compareText } from '../../src/output/compare-text.js';
import { formatTable } from '../../src/output/table.js';
import { compared } from '../../src/study/compare/compared.js';

/** Two alternatives beside a baseline: one is longer by nearly the same in each run, one by much in a single run. */
function shown() {
  const baseline = [10, 11, 12, 13, 14, 15, 16, 17];
  const row = (name: string, values: readonly number[]) => ({
    name,
    strategy: 'store-at-stop',
    variant: null,
    n: values.length,
    ...compared([{ values, baseline }], false),
  });
  const even = baseline.map((ms, i) => ms + 5 + (i % 2));
  const lopsided = baseline.map((ms, i) => ms + (i === 3 ? 50 : 5 + 0.1 * i));
  return {
    baseline: 'as asked',
    metric: 'downtime_ms',
    sentence: 'worse',
    rows: [row('even', even), row('lopsided', lopsided)],
  };
}

it('says of which difference the runs are too few, in words and as a column', () => {
  expect(compareText(shown(), formatTable)).toMatch(
    /^Too few runs for the ± of lopsided \(store-at-stop\):/m,
  );
  const cells = compareCsv(shown())
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').at(-1));
  expect(cells).toEqual(['too_few', 'false', 'true']);
});
