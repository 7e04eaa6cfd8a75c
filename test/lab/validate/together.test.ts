/** The shipped stops of VMs on one volume: what they wait for one another is what the model of an evacuation says. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labHost } from '../../../src/lab/host.js';
import { togetherCells } from '../../../src/lab/together/grid.js';
import { validate } from '../../../src/lab/validate/registry.js';

const FILE = 'results/validation/together.csv';
const text = readFileSync(FILE, 'utf8');
const host = await labHost();

function judged(csv: string) {
  const { kind, errors } = validate(
    csv,
    FILE,
    { minMs: 30, budgetMs: 300, host, prior: host },
    () => undefined,
  );
  expect(kind).toBe('together');
  return errors!;
}

it('holds stops of up to four VMs within a tenth in the median', () => {
  const { n, median_ape } = judged(text);
  expect(togetherCells().length).toBeGreaterThanOrEqual(9);
  // Each as a first store and as a replacement.
  expect(n).toBe(2 * togetherCells().length);
  expect(median_ape).toBeLessThanOrEqual(0.1);
});

it('does not hold them if each VM had the volume to itself', () => {
  const [head, ...lines] = text.trimEnd().split('\n');
  const at = head!.split(',').indexOf('channels') - head!.split(',').length;
  const serialized = lines.filter((line) => /serialized.*vms=[34]",0,/.test(line));
  const alone = serialized.map((line) => {
    const cells = line.split(',');
    // Names of configurations have commas of their own, so cells are counted from the end.
    cells[cells.length + at] = '64';
    return cells.join(',');
  });
  expect(judged([head, ...serialized].join('\n')).median_ape).toBeLessThanOrEqual(0.1);
  expect(judged([head, ...alone].join('\n')).median_ape).toBeGreaterThan(0.5);
});
