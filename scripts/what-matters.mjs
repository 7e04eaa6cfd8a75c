/**
 * Experiment 13: which figure of the presets decides how long the stop is, in which regime. Each figure is varied within its
 * doubt (`sensitivity --vary uncertainty`). Writes results/13-what-matters.
 *
 *   npm run build && node scripts/what-matters.mjs
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { formatTime } from '../dist/base/units.js';
import { resolveTree } from '../dist/input/resolve.js';
import { parameterText } from '../dist/output/sensitivity-text.js';
import { askSensitivity } from '../dist/study/sensitivity/ask.js';
import { csvText } from '../dist/sweep/results/csv.js';
import { InlineExecutor } from '../dist/sweep/run/executor.js';

const folder = new URL('../results/13-what-matters/', import.meta.url);
mkdirSync(folder, { recursive: true });

const FULL = { workload: 'idle', 'bitmaps.dirty': '100%', strategies: 'store-at-stop' };
const REGIMES = {
  'a small bitmap (64 GiB, Ceph on NVMe)': { ...FULL, 'disk.size': '64G' },
  'a large bitmap (16 TiB, Ceph on NVMe)': { ...FULL, 'disk.size': '16T' },
  'the same on local NVMe with power-loss protection': { ...FULL, 'disk.size': '16T', storage: 'nvme-plp' },
  'the same on a disk of 7200 rpm': { ...FULL, 'disk.size': '16T', storage: 'hdd-7200' },
  'the same in a local file through the page cache': { ...FULL, 'disk.size': '16T', storage: 'file-cache' },
  'an image that is half allocated (16 TiB, local NVMe)': {
    ...FULL,
    'disk.size': '16T',
    'disk.allocated': '50%',
    storage: 'nvme-plp',
  },
  'clusters of 1 MiB (16 TiB, Ceph on NVMe)': { ...FULL, 'disk.size': '16T', 'disk.cluster': '1M' },
  'many small bitmaps (30 of 64 GiB, NFS)': {
    ...FULL,
    'disk.size': '64G',
    'bitmaps.count': '30',
    storage: 'nfs-10gbe',
  },
  'a stream (1 TiB, Ceph on NVMe)': { ...FULL, 'disk.size': '1T', strategies: 'dont-store/stream' },
  'a busy guest whose RAM takes the stop (64 GiB, oltp)': {
    workload: 'oltp',
    'disk.size': '64G',
    strategies: 'store-at-stop',
  },
};
const SAMPLES = 32;
const SHOWN = 3;

const executor = new InlineExecutor();
const simulate = async (work) => (await executor.run([work])).parts[0];

async function drivers(given) {
  const situation = (settings) => resolveTree({}, { ...given, ...settings });
  const question = {
    vary: ['uncertainty'],
    metric: 'downtime_ms',
    samples: SAMPLES,
    walks: 2,
    replications: 1,
    named: true,
  };
  const [result] = await askSensitivity(await situation({}), question, situation, simulate, parameterText);
  return result;
}

/** Three digits: the indices are known to two. */
const short = (value) => String(Number(value.toPrecision(3)));

const rows = [];
const lines = ['| regime | decides most | second | third |', '| --- | --- | --- | --- |'];
for (const [regime, given] of Object.entries(REGIMES)) {
  const { indices } = await drivers(given);
  const ranked = [...indices].sort((a, b) => b.total - a.total);
  rows.push(
    ...ranked.map((each) => [regime, each.path, ...[each.first, each.total, each.morris_mu_star].map(short)]),
  );
  const top = ranked
    .slice(0, SHOWN)
    .map(({ path, total }) => (total < 0.01 ? '' : `${path} ${Math.round(100 * Math.min(1, total))} %`));
  lines.push(`| ${[regime, ...top].join(' | ')} |`);
  console.error(regime, top.join(', '), formatTime(ranked[0].morris_mu_star * 1e6));
}
const head = ['regime', 'names', 'S1', 'ST', 'mu_star_ms'];
writeFileSync(new URL('indices.csv', folder), csvText([head, ...rows]));
writeFileSync(new URL('table.md', folder), `${lines.join('\n')}\n`);
