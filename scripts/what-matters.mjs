/**
 * Experiment 13: which figure of the presets decides how long the stop is, in which regime. Each figure is varied within its
 * doubt (`sensitivity --vary uncertainty`). Writes results/13-what-matters: all indices, a table, and a figure of the largest.
 *
 *   npm run build && node scripts/what-matters.mjs          (minutes)
 *   npm run build && node scripts/what-matters.mjs draw     table and figure again, from the indices that are there
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as Plot from '@observablehq/plot';
import { resolveTree } from '../dist/input/resolve.js';
import { coloursOf, INK } from '../dist/output/figures/palette.js';
import { renderSvg } from '../dist/output/figures/render.js';
import { writeSvgAndPng } from '../dist/output/figures/write-figure.js';
import { parameterText } from '../dist/output/sensitivity-text.js';
import { askSensitivity } from '../dist/study/sensitivity/ask.js';
import { csvText, parseCsv } from '../dist/sweep/results/csv.js';
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
const SAMPLES = 256;
const SHOWN = 3;
/** Less is not worth a word, nor a bar. */
const LEAST = 0.01;

const executor = new InlineExecutor();
const simulate = async (work) => (await executor.run([work])).parts[0];

/** The indices of a regime, the largest total first. */
async function drivers(given) {
  const situation = (settings) => resolveTree({}, { ...given, ...settings });
  const question = {
    vary: ['uncertainty'],
    metric: 'downtime_ms',
    samples: SAMPLES,
    walks: 10,
    replications: 1,
    named: true,
  };
  const [{ indices }] = await askSensitivity(
    await situation({}),
    question,
    situation,
    simulate,
    parameterText,
  );
  return [...indices].sort((a, b) => b.total - a.total || b.morris_mu_star - a.morris_mu_star);
}

/** Three digits: the indices are known to two. */
const short = (value) => String(Number(value.toPrecision(3)));
const half = ([low, high]) => short((high - low) / 2);

const INDICES = new URL('indices.csv', folder);

async function computed() {
  const rows = [['regime', 'names', 'S1', 'S1_conf', 'ST', 'ST_conf', 'mu_star_ms']];
  for (const [regime, given] of Object.entries(REGIMES)) {
    for (const { path, first, first_ci95, total, total_ci95, morris_mu_star } of await drivers(given))
      rows.push([
        regime,
        path,
        ...[short(first), half(first_ci95), short(total), half(total_ci95), short(morris_mu_star)],
      ]);
    console.error(regime);
  }
  writeFileSync(INDICES, csvText(rows));
}

if (process.argv[2] !== 'draw') await computed();
const [, ...rows] = parseCsv(readFileSync(INDICES, 'utf8'), 'indices.csv');
/** What the table and the figure have of each regime: its largest totals. */
const found = Object.keys(REGIMES).map((regime) => ({
  regime,
  largest: rows
    .filter(([of]) => of === regime)
    .map(([, path, , , total, conf]) => ({ path, total: Number(total), conf: Number(conf) }))
    .filter(({ total }) => total >= LEAST)
    .slice(0, SHOWN),
}));

const percent = (share) => `${Math.round(100 * Math.min(1, share))} %`;

function writeTable() {
  const cells = ({ largest }) =>
    Array.from({ length: SHOWN }, (_, i) =>
      largest[i] === undefined ? '' : `${largest[i].path} ${percent(largest[i].total)}`,
    );
  const lines = found.map((each) => `| ${[each.regime, ...cells(each)].join(' | ')} |`);
  const top = ['| regime | decides most | second | third |', '| --- | --- | --- | --- |'];
  writeFileSync(new URL('table.md', folder), `${[...top, ...lines].join('\n')}\n`);
}

/** What kind of figure it is, and so who would measure it. */
const KINDS = {
  'latency of the storage': /^storage\..*latency$/,
  'its bandwidth': /^storage\./,
  'work of the host': /^host\./,
  'the link': /^link\./,
};
const kindOf = (path) => Object.keys(KINDS).find((kind) => KINDS[kind].test(path));

const BAR_PX = 17;
const LEGEND_PX = 172;
const RANKS = Array.from({ length: SHOWN }, (_, rank) => rank);

/** The largest totals of every regime, as bars with their intervals. */
function drawing() {
  const bars = found.flatMap(({ regime, largest }) =>
    largest.map(({ path, total, conf }, rank) => ({
      regime,
      rank,
      path,
      total,
      low: Math.max(0, total - conf),
      high: total + conf,
    })),
  );
  const kinds = Object.keys(KINDS).filter((kind) => bars.some(({ path }) => kindOf(path) === kind));
  const colours = coloursOf(kinds);
  const place = { y: 'rank', fy: 'regime' };
  return {
    title: 'On Ceph the latency of one write decides; elsewhere it is reads, punches or the work of the host',
    subtitle: `Share of the variance of the stop that a figure of the presets has a part in (Sobol's total index), each figure within its doubt; the ${SHOWN} largest of every regime, with intervals of 95 %. Where figures act together, shares add up to more than 100 %.`,
    width: 1000,
    height: 70 + found.length * (SHOWN * BAR_PX + 8),
    options: {
      marginLeft: 360,
      marginRight: 210,
      marginTop: 34,
      marginBottom: 44,
      x: { domain: [0, Math.max(1, ...bars.map(({ high }) => high))], axis: null },
      y: { domain: RANKS, axis: null, padding: 0.15 },
      fy: { domain: found.map(({ regime }) => regime), label: null, padding: 0.12 },
      color: { domain: kinds, range: colours, legend: false },
      marks: [
        Plot.axisX([0, 0.25, 0.5, 0.75, 1], {
          text: percent,
          label: 'share of the variance of the stop',
          labelAnchor: 'center',
          labelArrow: 'none',
        }),
        Plot.axisFy({ anchor: 'left', tickSize: 0 }),
        Plot.barX(bars, { x: 'total', ...place, fill: ({ path }) => kindOf(path), fillOpacity: 0.8 }),
        Plot.ruleY(bars, { x1: 'low', x2: 'high', ...place, stroke: INK, strokeWidth: 1.5 }),
        Plot.text(bars, {
          x: ({ total, high }) => Math.max(total, high),
          ...place,
          text: 'path',
          textAnchor: 'start',
          dx: 6,
          fill: ({ path }) => kindOf(path),
        }),
        ...kinds.map((kind, i) =>
          Plot.text([kind], {
            frameAnchor: 'top-left',
            facetAnchor: 'top',
            dx: LEGEND_PX * i,
            dy: -24,
            fill: colours[i],
            fontWeight: 'bold',
            textAnchor: 'start',
          }),
        ),
      ],
    },
  };
}

writeTable();
await writeSvgAndPng(fileURLToPath(folder), 'what-matters', await renderSvg(drawing()));
