/**
 * Experiment 12: the largest disk that keeps the verdict's rule, for each storage, strategy and number of bitmaps. A sweep
 * has no values to vary here, since the value is what is asked for, so this drives `solve`. Writes results/12-sizing.
 *
 *   npm run build && node scripts/sizing.mjs
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { formatSize } from '../dist/base/units.js';
import { resolveTree } from '../dist/input/resolve.js';
import { strategyTitle } from '../dist/study/run.js';
import { quantitiesOf, solveStrategies } from '../dist/study/solve/ask.js';
import { csvText } from '../dist/sweep/results/csv.js';
import { InlineExecutor } from '../dist/sweep/run/executor.js';

const folder = new URL('../results/12-sizing/', import.meta.url);
mkdirSync(folder, { recursive: true });

const STORAGES = ['nvme-plp', 'nvme-tcp', 'ceph-nvme', 'nfs-10gbe', 'ceph-sata', 'gcp-hyperdisk', 'hdd-7200'];
const STRATEGIES = ['store-at-stop', 'pre-flush', 'dont-store/stream'];
const BITMAPS = [1, 4, 14];
/** Nightly backups, each with a bitmap that is a day old; a budget of 300 ms that 5 % of migrations may exceed. */
const COMMON = { workload: 'cloud-average', 'disk.size': '1T' };

const executor = new InlineExecutor();
const simulate = async (work) => (await executor.run([work])).parts[0];

async function largest(storage, strategy, bitmaps) {
  const given = { ...COMMON, storage, strategies: strategy, 'bitmaps.count': bitmaps };
  const situation = (settings) => resolveTree({}, { ...given, ...settings });
  const question = {
    quantities: quantitiesOf('disk'),
    quantile: undefined,
    points: 2,
    replications: undefined,
  };
  const { roots } = await solveStrategies(await situation({}), question, situation, simulate);
  return { storage, bitmaps, ...roots[0] };
}

const found = [];
for (const storage of STORAGES)
  for (const strategy of STRATEGIES)
    for (const bitmaps of BITMAPS) {
      found.push(await largest(storage, strategy, bitmaps));
      console.error(`${found.length} of ${STORAGES.length * STRATEGIES.length * BITMAPS.length}`);
    }

const COLUMNS = ['storage', 'strategy', 'variant', 'bitmaps', 'state', 'value', 'lo', 'hi', 'runs'];
const HEAD = COLUMNS.map((name) => (['value', 'lo', 'hi'].includes(name) ? `disk_${name}_bytes` : name));
const cells = (row) => COLUMNS.map((name) => String(row[name] ?? ''));
writeFileSync(new URL('sizing.csv', folder), csvText([HEAD, ...found.map(cells)]));

const shown = ({ state, value }) =>
  state === 'none-fits' ? 'none' : state === 'all-fit' ? `any (${formatSize(value)})` : formatSize(value);
const rowsOf = (storage) => {
  const cellsOf = (strategy) =>
    found.filter((row) => row.storage === storage && asked(row) === strategy).map(shown);
  return `| ${[storage, ...STRATEGIES.flatMap(cellsOf)].join(' | ')} |`;
};
const asked = ({ strategy, variant }) => (strategy === 'dont-store' ? `${strategy}/${variant}` : strategy);
const titles = STRATEGIES.flatMap((name) => {
  const row = found.find((each) => asked(each) === name);
  return BITMAPS.map((bitmaps) => `${strategyTitle(row)}, ${bitmaps}`);
});
const table = [
  `| storage | ${titles.join(' | ')} |`,
  `| --- | ${titles.map(() => '--:').join(' | ')} |`,
  ...STORAGES.map(rowsOf),
];
writeFileSync(new URL('table.md', folder), `${table.join('\n')}\n`);
