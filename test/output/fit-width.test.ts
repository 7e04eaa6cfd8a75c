import { describe, expect, it } from 'vitest';
import { fitWidth, wrapped } from '../../src/output/fit-width.js';

const LONG =
  'Yes, 32 MiB is too much here: storing 32 MiB of bitmap at the stop adds 726 ms (512 clusters, one at a time)';

describe('fitting a terminal', () => {
  it('breaks prose between words, and no line is longer than the terminal', () => {
    const lines = fitWidth(`short\n${LONG}\n`, 50).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(`short ${LONG} `);
  });

  it('goes on under what is indented, further in', () => {
    expect(fitWidth('  one two three four five six seven', 20)).toBe(
      '  one two three\n      four five six\n      seven',
    );
  });

  it('counts columns, not characters', () => {
    expect(fitWidth('磁盘 磁盘 磁盘 磁盘 磁盘', 16).split('\n')).toEqual([
      '磁盘 磁盘',
      '    磁盘 磁盘',
      '    磁盘',
    ]);
  });

  it('breaks inside a word that is too long for any line', () => {
    expect(wrapped('abcdefghij', 4)).toBe('abcd\nefgh\nij');
  });
});
