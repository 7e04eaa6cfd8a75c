import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import {
  formatRate,
  formatSize,
  formatTime,
  parseFraction,
  parseRate,
  parseSize,
  parseTime,
} from '../../src/base/units.js';

type Parser = (text: string | number, where: string) => number;

function table(
  parse: Parser,
  good: readonly (readonly [string | number, number])[],
  bad: readonly (string | number)[],
) {
  it.each(good)('%s is %s', (text, value) => expect(parse(text, '--flag')).toBe(value));
  it.each(bad)('%s is refused, naming the flag and what was given, in one line', (text) => {
    const run = (): number => parse(text, '--flag');
    expect(run).toThrow(InputError);
    expect(run).toThrow(/^--flag: '.*' is not a [^\n]*$/);
    expect(run).toThrow(`'${text}'`);
  });
}

const everywhere = [
  '',
  ' ',
  'k',
  '-1',
  '-1k',
  '+1k',
  '1e3',
  '1k k',
  '1 k b',
  '0x10',
  'NaN',
  'Infinity',
  '1,5k',
];
const inherited = ['5constructor', '5toString', '5valueOf', '5__proto__', '5constructor/s'];

describe('parseSize', () => {
  table(
    parseSize,
    [
      ['0', 0],
      ['1', 1],
      ['512b', 512],
      ['64k', 65_536],
      ['64K', 65_536],
      ['64KiB', 65_536],
      ['64 kib', 65_536],
      ['64kB', 64_000],
      ['30MB', 30_000_000],
      ['30MiB', 31_457_280],
      ['30.1MB', 30_100_000],
      ['1.5G', 1_610_612_736],
      ['.5k', 512],
      ['16T', 17_592_186_044_416],
      [' 16TiB ', 17_592_186_044_416],
      ['1.1T', 1_209_462_790_554],
      ['7P', 7 * 2 ** 50],
      [4096, 4096],
    ],
    [...everywhere, ...inherited, '1.5', '1.5b', '64kk', '64ki', '1E', '9P', '64k/s', '5%', 1.5, -1, 2 ** 70],
  );
});

describe('parseRate', () => {
  table(
    parseRate,
    [
      ['200MiB/s', 209_715_200],
      ['200M/s', 209_715_200],
      ['200MB/s', 200e6],
      ['1.5kB/s', 1500],
      ['200mib/s', 209_715_200],
      ['10Gbit/s', 1.25e9],
      ['8bit/s', 1],
      ['1 tbit/s', 1.25e11],
      ['512B/s', 512],
      ['unlimited', Number.POSITIVE_INFINITY],
      [' unlimited ', Number.POSITIVE_INFINITY],
    ],
    [
      ...everywhere,
      ...inherited,
      '200',
      '200M',
      '10Gbit',
      '5/s',
      '0MB/s',
      '10Gb/s',
      '200mb/s',
      '5b/s',
      '10Gbps',
      200,
    ],
  );
});

describe('parseTime', () => {
  table(
    parseTime,
    [
      ['0s', 0],
      ['0', 0],
      ['1ns', 1],
      ['80us', 80_000],
      ['80µs', 80_000],
      ['1.5ms', 1_500_000],
      ['300 ms', 300_000_000],
      ['2s', 2e9],
      ['5min', 300e9],
      ['1h', 3600e9],
      ['7d', 604_800e9],
      ['0.4ns', 0],
      ['1.0000001s', 1_000_000_100],
    ],
    [...everywhere, ...inherited, '5', '5S', '5MS', '5m', '5sec', '105d', 5],
  );
});

describe('parseFraction', () => {
  table(
    parseFraction,
    [
      ['0', 0],
      ['0%', 0],
      ['100%', 1],
      ['1', 1],
      ['12.5%', 0.125],
      ['0.25', 0.25],
      ['50 %', 0.5],
      [0.3, 0.3],
      [1e-7, 1e-7],
    ],
    [
      ...everywhere.filter((text) => text !== ''),
      ...inherited,
      '',
      '101%',
      '1.01',
      '2',
      '5k',
      '%',
      -0.1,
      1.1,
    ],
  );
});

describe('formats', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [33_554_432, '32 MiB'],
    [1_048_575, '1 MiB'],
    [-33_554_432, '-32 MiB'],
    [17_592_186_044_416, '16 TiB'],
    [2 ** 60, '1024 PiB'],
    [123_456_789, '118 MiB'],
  ])('size %s is %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it.each([
    [0, '0 ms'],
    [999, '999 ns'],
    [1500, '1.5 µs'],
    [999_999, '1 ms'],
    [1_500_000, '1.5 ms'],
    [-1_500_000, '-1.5 ms'],
    [999_600_000, '1 s'],
    [12_345_000_000, '12.3 s'],
    [300e9, '300 s'],
  ])('time %s ns is %s', (ns, text) => expect(formatTime(ns)).toBe(text));

  it('rates', () => {
    expect(formatRate(209_715_200)).toBe('200 MiB/s');
    expect(formatRate(Number.POSITIVE_INFINITY)).toBe('unlimited');
  });

  it('what is printed parses back to the same within its three digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 52 }), (n) => {
        for (const back of [parseSize(formatSize(n), ''), parseTime(formatTime(n), '')])
          expect(Math.abs(back - n) / n).toBeLessThanOrEqual(0.00501);
      }),
      { seed: 2 },
    );
  });
});
