import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { namedStream } from '../../src/kernel/rng.js';
import { latinHypercube } from '../../src/stats/latin-hypercube.js';
import { sobolPoints } from '../../src/stats/sobol.js';
import { type AxisSpec, buildAxis, parseAxisFlag } from '../../src/sweep/experiment/axis.js';
import { type ExpandInput, expand } from '../../src/sweep/experiment/expand.js';
import { parameterOf } from '../../src/sweep/experiment/experiment.js';
import { parseExpression } from '../../src/sweep/experiment/expression.js';

const axis = (path: string, spec: AxisSpec) => buildAxis(parameterOf(path, 'axes'), spec, `axes.${path}`);
const input = (axes: Record<string, AxisSpec>, more: Partial<ExpandInput> = {}): ExpandInput => ({
  axes: Object.entries(axes).map(([path, spec]) => axis(path, spec)),
  zip: [],
  constraints: [],
  derived: {},
  design: { kind: 'grid' },
  seed: 1,
  base: {},
  fieldOf: parameterOf,
  ...more,
});
const values = (given: ExpandInput): (number | string)[][] => {
  const points = expand(given);
  return Array.from({ length: points.count }, (_, i) => [...points.settings(i).values()].map((v) => v.value));
};

describe('expressions', () => {
  const evaluate = (text: string, known = {}): unknown => parseExpression(text, 'here').evaluate(known);
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 2 - 3', 5],
    ['8 / 2 / 2', 2],
    ['-2 * -3', 6],
    ['64k', 65_536],
    ['300ms / 1ms', 300],
    ['2 * disk.size', 200],
    ['pre-flush.chunk + 1', 5],
    ['disk.size >= 100', true],
    ['disk.size < 100', false],
    ['storage == nvme', true],
    ['storage != nvme', false],
  ])('%s', (text, result) => {
    expect(evaluate(text, { 'disk.size': 100, 'pre-flush.chunk': 4, storage: 'nvme' })).toBe(result);
  });
  test.each(['', '1 +', '1 2', '(1', '1)', 'a b', '1 = 2', 'x; y', 'storage * 2', 'nope + 1', 'f(1)'])(
    'refuses %s',
    (text) => {
      expect(() => evaluate(text, { storage: 'nvme' })).toThrow(InputError);
    },
  );
});

describe('axes', () => {
  test('lists keep their order and are parsed by the parameter', () => {
    expect(axis('disk.size', ['1T', '512G']).values.map((v) => v.value)).toEqual([2 ** 40, 2 ** 39]);
  });
  test('linear and log ranges hit both ends; log sizes of powers of two stay powers of two', () => {
    const linear = axis('bitmaps.count', { from: 1, to: 9, steps: 5, scale: 'linear' });
    expect(linear.values.map((v) => v.value)).toEqual([1, 3, 5, 7, 9]);
    const log = axis('disk.granularity', { from: '4k', to: '1M', steps: 5, scale: 'log' });
    expect(log.values.map((v) => v.value)).toEqual([4096, 16_384, 65_536, 262_144, 1_048_576]);
    const rate = axis('pre-flush.rate', { from: '1MiB/s', to: '100MiB/s', steps: 3, scale: 'log' });
    expect(rate.values[1]!.value).toBeCloseTo(10 * 2 ** 20, 3);
  });
  test.each<[string, AxisSpec]>([
    ['disk.size', { from: '4T', to: '1T', steps: 3, scale: 'linear' }],
    ['disk.size', { from: '4T', to: '4T', steps: 2, scale: 'linear' }],
    ['bitmaps.count', { from: 1, to: 3, steps: 9, scale: 'linear' }],
    ['bitmaps.dirty', { from: '0%', to: '10%', steps: 3, scale: 'log' }],
    ['storage', { from: 'a', to: 'b', steps: 2, scale: 'linear' }],
    ['disk.size', []],
    ['disk.size', ['1T', '16X']],
  ])('refuses %s %o', (path, spec) => {
    expect(() => axis(path, spec)).toThrow(InputError);
  });
  test('the flag', () => {
    expect(parseAxisFlag('disk.size=1T, 4T')).toEqual({ path: 'disk.size', values: ['1T', '4T'] });
    for (const bad of ['disk.size', '=1T', 'disk.size=', 'disk.size=1T,,2T'])
      expect(() => parseAxisFlag(bad)).toThrow(InputError);
  });
});

describe('points', () => {
  const two = { 'disk.size': ['1T', '2T'], 'bitmaps.count': [1, 2, 3] };
  test('grid, last axis fastest', () => {
    const T = 2 ** 40;
    expect(values(input(two))).toEqual([
      [T, 1],
      [T, 2],
      [T, 3],
      [2 * T, 1],
      [2 * T, 2],
      [2 * T, 3],
    ]);
  });
  test('no axis is one point', () => expect(expand(input({})).count).toBe(1));
  test('zipped axes advance together, wherever they stand', () => {
    const axes = { 'disk.size': ['1T', '2T'], storage: ['a', 'b', 'c'], 'bitmaps.count': [1, 5] };
    const points = values(input(axes, { zip: [['disk.size', 'bitmaps.count']] }));
    expect(points).toHaveLength(6);
    expect(points[3]).toEqual([2 ** 41, 5, 'a']);
    expect(() => values(input(axes, { zip: [['disk.size', 'storage']] }))).toThrow(/as many values/);
    expect(() => values(input(axes, { zip: [['disk.size', 'ram.size']] }))).toThrow(/not an axis/);
  });
  test('constraints leave points out, derived parameters follow', () => {
    const given = input(two, {
      constraints: ['disk.size * bitmaps.count <= 4T'],
      derived: { 'ram.size': 'disk.size / 1024' },
    });
    expect(values(given).map(([, count, ram]) => [count, ram])).toEqual([
      [1, 2 ** 30],
      [2, 2 ** 30],
      [3, 2 ** 30],
      [1, 2 ** 31],
      [2, 2 ** 31],
    ]);
    expect(() => values(input(two, { constraints: ['disk.size > 99T'] }))).toThrow(/none of the 6 points/);
    expect(() => values(input(two, { constraints: ['disk.size'] }))).toThrow(/not a comparison/);
    expect(() => values(input(two, { derived: { nope: '1' } }))).toThrow(/unknown parameter/);
  });
  test.each([
    ['disk.sise > 1T', "unknown parameter 'disk.sise'; did you mean 'disk.size'?"],
    ['storag != b', "unknown parameter 'storag'; did you mean 'storage'?"],
    ['disk.size != bitmap.count', "unknown parameter 'bitmap.count'; did you mean 'bitmaps.count'?"],
  ])('%s is a slip of the pen', (rule, message) => {
    const axes = { ...two, storage: ['a.yaml', 'b'] };
    expect(() => values(input(axes, { constraints: [rule] }))).toThrow(message);
  });
  test('values of other points, and file names, may stand in a constraint', () => {
    const axes = { storage: ['a.yaml', 'b'] };
    expect(values(input(axes, { constraints: ['storage != a.yaml', 'storage != c'] }))).toEqual([['b']]);
  });
  test('a value that stands twice is refused, however it is written; zipped it may', () => {
    const twice = { 'disk.size': ['1T', '1024G'], 'bitmaps.count': [1, 2] };
    expect(() => values(input(twice))).toThrow('axes: disk.size 1024G stands twice');
    const zip = [['disk.size', 'bitmaps.count']];
    expect(values(input(twice, { zip }))).toHaveLength(2);
    expect(() => values(input({ ...twice, 'bitmaps.count': [2, 2] }, { zip }))).toThrow(
      'axes: disk.size 1024G, bitmaps.count 2 stands twice',
    );
  });
  test('a million points cost nothing, one more is refused', () => {
    const thousand = { from: 1, to: 1000, steps: 1000, scale: 'linear' } as const;
    const axes = { 'bitmaps.count': thousand, 'bitmaps.frozen': thousand };
    expect(expand(input(axes)).count).toBe(1_000_000);
    expect(() => expand(input({ ...axes, 'disk.count': [1, 2] }))).toThrow(/limit is 1000000/);
  });
});

describe('designs', () => {
  test('Sobol points as scipy.stats.qmc.Sobol(16, scramble=False)', () => {
    const points = sobolPoints(1024, 16);
    expect(points[0]).toEqual(Array(16).fill(0));
    expect(points[1]).toEqual(Array(16).fill(0.5));
    expect(points[5]).toEqual([
      0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875, 0.375, 0.375, 0.125, 0.375, 0.875, 0.875, 0.125, 0.875,
      0.375,
    ]);
    expect(points[1023]).toEqual([
      0.0009765625, 0.7529296875, 0.6123046875, 0.1455078125, 0.1865234375, 0.4384765625, 0.1396484375,
      0.6181640625, 0.3447265625, 0.8505859375, 0.6787109375, 0.0361328125, 0.1298828125, 0.6650390625,
      0.3623046875, 0.4638671875,
    ]);
  });
  test('a Latin hypercube uses every slice of every axis once', () => {
    const hypercube = (seed: number) => latinHypercube(50, 3, (d) => namedStream(seed, 0, `axis ${d}`));
    const points = hypercube(7);
    for (const d of [0, 1, 2])
      expect(points.map((p) => Math.floor(p[d]! * 50)).sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    expect(hypercube(7)).toEqual(points);
    expect(hypercube(8)).not.toEqual(points);
  });
  test('lists and ranges are both spread over', () => {
    const axes: Record<string, AxisSpec> = {
      storage: ['a', 'b'],
      'disk.size': { from: '1G', to: '1T', steps: 2, scale: 'log' },
    };
    const points = values(input(axes, { design: { kind: 'sobol', points: 8 } }));
    expect(points.filter(([storage]) => storage === 'a')).toHaveLength(4);
    expect(new Set(points.map(([, size]) => size)).size).toBe(8);
  });
});
