import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { tableFor } from '../../src/output/fitted-table.js';
import { type Column, formatTable, markdownTable } from '../../src/output/table.js';

const COLUMNS: readonly Column[] = [
  { title: 'strategy' },
  { title: 'bitmaps add', align: 'right' },
  { title: 'whole stop', align: 'right' },
  { title: 'what it costs' },
];
const ROWS = [
  ['store-at-stop', '729 ms ± 556 µs', '1.03 s', '32.1 MiB written in the stop, and nothing else'],
  ['dont-store/drop', '0 ms', '298 ms', ''],
];

describe('a table', () => {
  it('is one row a line where there is room, or no terminal', () => {
    expect(tableFor(200)(COLUMNS, ROWS)).toBe(formatTable(COLUMNS, ROWS));
    expect(formatTable(COLUMNS, ROWS).split('\n')).toEqual([
      'strategy             bitmaps add  whole stop  what it costs',
      'store-at-stop    729 ms ± 556 µs      1.03 s  32.1 MiB written in the stop, and nothing else',
      'dont-store/drop             0 ms      298 ms',
    ]);
  });

  it('breaks titles first, then the words of its last column', () => {
    const head = [
      '                                   whole',
      'strategy             bitmaps add    stop  what it costs',
    ];
    expect(tableFor(90)(COLUMNS, ROWS).split('\n')).toEqual([
      ...head,
      'store-at-stop    729 ms ± 556 µs  1.03 s  32.1 MiB written in the stop, and nothing else',
      'dont-store/drop             0 ms  298 ms',
    ]);
    expect(tableFor(80)(COLUMNS, ROWS).split('\n')).toEqual([
      ...head,
      'store-at-stop    729 ms ± 556 µs  1.03 s  32.1 MiB written in the stop, and',
      '                                          nothing else',
      'dont-store/drop             0 ms  298 ms',
    ]);
  });

  it('breaks the name of a strategy in a title behind its slash', () => {
    const columns: Column[] = [{ title: 'what' }, { title: 'pre-flush/in-place (proposed)', align: 'right' }];
    expect(tableFor(40)(columns, [['a'.repeat(20), '12']]).split('\n')).toEqual([
      '                      pre-flush/',
      '                        in-place',
      'what                  (proposed)',
      'aaaaaaaaaaaaaaaaaaaa          12',
    ]);
  });

  it('has these words below the row where there is no room beside it', () => {
    expect(tableFor(50)(COLUMNS, ROWS).split('\n')).toEqual([
      '                                   whole',
      'strategy             bitmaps add    stop',
      'store-at-stop    729 ms ± 556 µs  1.03 s',
      '    what it costs: 32.1 MiB written in the',
      '        stop, and nothing else',
      'dont-store/drop             0 ms  298 ms',
    ]);
  });

  it('is stacked where not even that helps: a block a row, nothing said where there is nothing', () => {
    const columns = [...COLUMNS.slice(0, 3), { title: 'RAM', align: 'right' as const }, ...COLUMNS.slice(3)];
    const rows = ROWS.map((row, i) => [...row.slice(0, 3), i === 0 ? '-969 µs ± 3 µs' : '.', row[3]!]);
    expect(tableFor(50)(columns, rows).split('\n')).toEqual([
      'store-at-stop',
      '  bitmaps add    729 ms ± 556 µs',
      '  whole stop     1.03 s',
      '  RAM            -969 µs ± 3 µs',
      '  what it costs  32.1 MiB written in the stop, and',
      '                 nothing else',
      'dont-store/drop',
      '  bitmaps add    0 ms',
      '  whole stop     298 ms',
    ]);
  });

  it('says what a number is that begins a block', () => {
    const columns: Column[] = [
      { title: 'disk', align: 'right' },
      { title: 'a', align: 'right' },
      { title: 'b', align: 'right' },
    ];
    expect(
      tableFor(50)(columns, [['4 TiB', 'at least 12.5 MiB/s of it', 'at least 12.5 MiB/s of it']]),
    ).toMatch(/^disk 4 TiB\n/);
  });

  it('leaves a picture out before anything else', () => {
    const columns: Column[] = [{ title: 'set' }, { title: '', spare: true }];
    expect(tableFor(50)(columns, [['a'.repeat(30), '█'.repeat(30)]])).toBe(`set\n${'a'.repeat(30)}`);
  });

  it('without titles has no head', () => {
    expect(formatTable([{ title: '' }, { title: '' }], [['a', 'b']])).toBe('a  b');
    const narrow = tableFor(40)([{ title: '' }, { title: '' }], [['a'.repeat(30), 'b b b b b b b b b b']]);
    expect(narrow).toBe(`${'a'.repeat(30)}\n    b b b b b b b b b b`);
  });

  it('never has a line wider than the terminal, and loses no word, whatever is in it', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'µ', '磁', ' '), maxLength: 60 });
    const table = fc.integer({ min: 2, max: 7 }).chain((count) =>
      fc.record({
        columns: fc.array(fc.record({ title: cell, align: fc.constantFrom('left', 'right') }), {
          minLength: count,
          maxLength: count,
        }),
        rows: fc.array(fc.array(cell, { minLength: count, maxLength: count }), {
          minLength: 1,
          maxLength: 3,
        }),
        width: fc.integer({ min: 40, max: 120 }),
      }),
    );
    const letters = (text: string): string => [...text.replace(/\s/g, '')].sort().join('');
    fc.assert(
      fc.property(table, ({ columns, rows, width }) => {
        const drawn = tableFor(width)(columns as Column[], rows);
        for (const line of drawn.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        for (const each of rows.flat())
          for (const letter of new Set(letters(each))) expect(drawn).toContain(letter);
      }),
      { numRuns: 200 },
    );
  });

  it('is Markdown where that is asked for', () => {
    expect(markdownTable([{ title: 'a' }, { title: 'b', align: 'right' }], [['x|y', '1']])).toBe(
      '| a | b |\n| --- | --: |\n| x\\|y | 1 |',
    );
  });
});
