/** docs/workload.md names files that are there, and shows what they give. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseTime } from '../../src/base/units.js';
import { fitWorkload } from '../../src/traces/fit/fit.js';
import { FitObserver } from '../../src/traces/fit/observer.js';
import { measureWorkload } from '../../src/traces/statistics/statistics.js';
import { openTrace } from '../../src/traces/trace.js';

const root = new URL('../../', import.meta.url).pathname;
const doc = readFileSync(join(root, 'docs/workload.md'), 'utf8');

it('names fixtures that are there', () => {
  const named = [...doc.matchAll(/test\/fixtures\/traces\/\S+\.(log|txt)/g)].map(([path]) => path);
  expect(named.length).toBeGreaterThan(5);
  for (const path of new Set(named)) expect(readFileSync(join(root, path)).length).toBeGreaterThan(0);
});

it('gives times with units that are known', () => {
  const times = [...doc.matchAll(/--(?:trace-start|window) (\d\S*?)[`\s]/g)].map(([, time]) => time!);
  expect(times.map((time) => parseTime(time, 'docs'))).toEqual([500e6, 600e9]);
});

it('shows the figures of the fit as they are', async () => {
  const trace = await openTrace([join(root, 'test/fixtures/traces/iolog-v3.log')]);
  const seen = new FitObserver(65_536, () => true);
  const options = { granularityBytes: 65_536, chunksBytes: [65_536], windowNs: 1e9 };
  const stats = await measureWorkload(trace, options, (batch) => seen.take(batch));
  const { overWrites, overTime, chunksPerWindow, busyWindow } = fitWorkload(stats, seen, 'iolog-v3.log');
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const pair = ({ worst, mean }: { worst: number; mean: number }) => `${percent(worst)} (${percent(mean)})`;
  const chunks = `${chunksPerWindow.trace.toFixed(2)}, ${chunksPerWindow.fit.toFixed(2)}`;
  expect(doc).toContain(
    `| \`iolog-v3.log\` | ${pair(overWrites)} | ${pair(overTime)} | ${chunks} | ${busyWindow.trace}, ${busyWindow.fit} |`,
  );
});
