import { describe, expect, it } from 'vitest';
import { fitWidth } from '../../src/output/fit-width.js';

const LONG =
  'Yes, 32 MiB is too much here: storing 32 MiB of bitmap at the stop adds 726 ms (512 clusters, one at a time)';

describe('fitting a terminal', () => {
  it('breaks prose between words, and no line is longer than the terminal', () => {
    const lines = fitWidth(`short\n${LONG}\n`, 50).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(`short ${LONG} `);
  });

  it('breaks rows between columns, so that no figure loses its unit', () => {
    const row = 'dont-store (stream)   12.6 ms ± 31 µs  25.9 ms ± 31.6 µs   4 %  fits   2.04 MiB on the link';
    expect(fitWidth(row, 60).split('\n')).toEqual([
      'dont-store (stream)   12.6 ms ± 31 µs  25.9 ms ± 31.6 µs',
      '    4 %  fits   2.04 MiB on the link',
    ]);
  });

  it('breaks inside a column that is too long for any line', () => {
    const row = `a  ${LONG}`;
    const lines = fitWidth(row, 50).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(`a  ${LONG}`);
  });

  it('leaves everything as it is where there is no terminal', () => {
    expect(fitWidth(LONG, undefined)).toBe(LONG);
  });
});
