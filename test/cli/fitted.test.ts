/** Every table of every command at 60 and 80 columns: no line is wider, no row is broken, and the words are those for readers. */
import stringWidth from 'string-width';
import { afterEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { printed } from '../support/in-process.js';

/** Little is left to chance, so that each line is answered three times in no time. */
const QUICK = [
  ...['--disk', '1G', '--storage', 'ideal-1ms', '--host', 'zero', '--workload', 'idle'],
  ...['--dirty', '100%', '--ram', '1G', '--replications', '2', '--seed', '1'],
];

/** By command: lines that print tables. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  ask: [
    '',
    '--storage nvme-plp,hdd-7200',
    '--stack all',
    '--disk 1G:bitmaps=3 --disk 2G:storage=nvme-plp',
    '--uncertainty --draws 8 -j 1',
  ],
  run: ['examples/nightly-backup.yaml', 'examples/nightly-backup.yaml --set fault-rate=destination-dies=1/s'],
  compare: ['--with storage=nvme-plp', '--with disk=2G --with disk=4G'],
  solve: ['flush-latency --strategy store-at-stop', 'disk,flush-latency --points 2 --strategy store-at-stop'],
  sensitivity: ['results/06-granularity'],
  outcomes: [
    '',
    '--detail',
    '--fault destination-dies@1ms',
    '--failure-probability cancel-quit=3/200 --vms 9 --migrations-per-year 12 --full-backup-worth 1s',
  ],
  evacuate: ['--vms 3 --parallel 2'],
  validate: [
    'results/validation/datafile.csv',
    'results/validation/opcounts.csv',
    'results/validation/outcomes.csv',
  ],
  workload: ['test/torture/corpus/traces/msr.csv'],
  list: ['', 'storage', 'storage ceph-nvme', 'strategies', 'parameters', 'qemu', 'qemu 10.0', 'stack'],
};

/** They print sentences or files; `measure` stops real VMs, so its report is in test/output/measure-report.test.ts. */
const WITHOUT = ['calibrate', 'measure', 'observe', 'sweep', 'merge', 'plot', 'repro', 'explore', 'schema'];

const asked = (command: string, line: string): string[] => {
  const words = line.split(' ').filter(Boolean);
  if (['validate', 'workload', 'list'].includes(command) || words[0]?.startsWith('results/'))
    return [command, ...words];
  return [command, ...words, ...QUICK.filter((_, i) => !words.includes(QUICK[i - (i % 2)]!))];
};

const isRow = (line = ''): boolean => /\S {2,}\S.*\S {2,}\S/.test(line);

/** Rows of tables that were drawn with all the room they want, without the heads: those may be broken. */
const rowsOf = (wide: string): string[] =>
  wide.split('\n').filter((line, i, lines) => isRow(line) && isRow(lines[i - 1]));

/** Whatever is between two cells. */
const evenly = (line: string): string => line.replace(/(?<=\S) {2,}/g, '  ');

/** Rows that are neither on one line, but for the words of their last cell, nor a block. */
function brokenRows(wide: string, narrow: string, width: number): string[] {
  const lines = narrow.split('\n').map(evenly);
  return rowsOf(wide)
    .filter((row) => stringWidth(row) > width)
    .filter((row) => {
      const cells = row.trim().split(/ {2,}/);
      const start = cells.slice(0, -1).join('  ');
      const isHere = lines.some((line) => line.startsWith(`${cells[0]} `) || line === cells[0]);
      return isHere && !lines.some((line) => line === cells[0] || line.startsWith(start));
    });
}

/** What no table says: zero of a small unit, a power of ten, decimal megabytes beside binary ones (but as a source has them: `list`). */
const UNWELCOME = /\b0 [nµ]s\b|\d\.\d+e[+-]\d|\b[\d.]+ [kKMGT]B\b/;

function check(wide: string, narrow: string, width: number): void {
  const tooWide = narrow.split('\n').filter((line) => stringWidth(line) > width);
  expect(tooWide).toEqual([]);
  expect(brokenRows(wide, narrow, width)).toEqual([]);
}

describe('tables fit', () => {
  afterEach(() => {
    process.env.COLUMNS = '';
  });

  it('all commands are here', () => {
    expect([...Object.keys(LINES), ...WITHOUT].sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  const lines = Object.entries(LINES).flatMap(([command, each]) =>
    each.map((line) => [command, line] as const),
  );
  it.each(lines)('%s %s', async (command, line) => {
    const at = async (columns: string): Promise<string> => {
      process.env.COLUMNS = columns;
      return printed(...asked(command, line));
    };
    const wide = await at('');
    expect(wide).toMatch(/\S {2,}\S/);
    for (const width of [60, 80]) check(wide, await at(String(width)), width);
    if (command !== 'list') expect(wide).not.toMatch(UNWELCOME);
  });
});
