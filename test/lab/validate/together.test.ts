/** The shipped stops of VMs on one volume: what they wait for one another is what the model of an evacuation says. */
import { expect, it } from 'vitest';
import { togetherCells } from '../../../src/lab/together/grid.js';
import { shippedRows } from './shipped-rows.js';

const { lines, judged, told } = shippedRows('together');

it('holds stops of up to four VMs within a tenth in the median', () => {
  const { n, median_ape } = judged().errors!;
  expect(togetherCells().length).toBeGreaterThanOrEqual(9);
  // Each as a first store and as a replacement.
  expect(n).toBe(2 * togetherCells().length);
  expect(median_ape).toBeLessThanOrEqual(0.1);
});

it('does not hold them if each VM had the volume to itself', () => {
  const serialized = lines.filter((line) => /serialized.*vms=[34]",0,/.test(line));
  const alone = serialized.map((line) => told(line, 'channels', '64'));
  expect(judged(serialized).errors!.median_ape).toBeLessThanOrEqual(0.1);
  expect(judged(alone).errors!.median_ape).toBeGreaterThan(0.5);
});
