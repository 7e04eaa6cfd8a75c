/** What `solve`, `compare`, `sensitivity` and `ask --uncertainty` cannot use: one line, exit 2, nothing on stdout. */
import { expect, it } from 'vitest';
import { inProcess } from '../support/in-process.js';

/** Names of what every object has, and texts that a terminal would act upon. */
const ODD = ['constructor', '__proto__', 'toString', '', ' ', ',', 'disk,', '\x1b[31mdisk', 'a\nb'];

const REFUSED: readonly (readonly string[])[] = [
  ...ODD.map((word) => ['solve', word]),
  ...ODD.map((word) => ['compare', '--with', `${word}=1`]),
  ...ODD.map((word) => ['sensitivity', '--vary', `${word}=1..2`]),
  ...ODD.map((word) => ['sensitivity', '--vary', 'bitmaps=1..2', '--metric', word]),
  ...ODD.map((word) => ['sensitivity', 'results/01-thirty-megabytes', '--metric', word]),
  ...ODD.map((word) => [
    'compare',
    'results/01-thirty-megabytes',
    'results/01-thirty-megabytes',
    '--metric',
    word,
  ]),
  ...ODD.map((word) => ['compare', '--fail-if', word]),
  ...ODD.map((word) => ['solve', 'disk', '--quantile', word]),
  ...ODD.map((word) => ['solve', 'disk', '--budget', word]),
  ...ODD.map((word) => ['ask', '--uncertainty', '--draws', word]),
  ['solve', 'disk,bitmaps', '--points', '1'],
  ['solve', 'disk', '--allowed', '0'],
  ['sensitivity'],
  ['evacuate'],
  ['evacuate', '--vms', '0'],
  ['evacuate', '--vms', '1001'],
  ['evacuate', '--vms', '2.5'],
  ['evacuate', '--vms', '3', '--parallel', '0'],
  ['evacuate', '--parallel', '2'],
  ['ask', '--parallel', '2'],
  ['evacuate', '--vms', '3', '--json', '--csv'],
  ...ODD.map((word) => ['evacuate', '--vms', word]),
  ...ODD.map((word) => ['evacuate', word]),
  ['sensitivity', '--vary', 'bitmaps=2..1'],
  ['compare', 'results/01-thirty-megabytes'],
  ['ask', '--draws', '8'],
  ['ask', '--uncertainty', '--draws', '7'],
];

it.each(REFUSED.map((words) => [JSON.stringify(words), words] as const))('%s', async (_, words) => {
  const { code, out, err } = await inProcess(...words);
  expect([code, out, err.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  expect(err).toMatch(/^stopgap: \P{Cc}+\n$/u);
});
