// node test/bench/growth.mjs [NAME]: how the cost of a replication grows with what it is of, each over three decades. Prints the
// processor time at each of four sizes, and the exponent of the power that fits them best: of all, and of the last decade alone.
// About two minutes.
import { linearRegression } from 'simple-statistics';
import { resolve } from '../../dist/input/resolve.js';
import { replicator } from '../../dist/study/run.js';
import { prepareRows, STORE } from './shared/rows.mjs';

const GIB = 2 ** 30;
const SIZES = [64, 640, 6400, 64000].map((gib) => gib * GIB);
const COUNTS = [1, 10, 100, 1000];
const IOPS = [1e3, 1e4, 1e5, 1e6];
const FULL = { storage: 'ceph-nvme', 'bitmaps.dirty': '100%', strategies: ['store-at-stop'] };
/** Bits that chance has set, over the whole disk. */
const RANDOM = { ...FULL, 'bitmaps.dirty': '50%' };
const BUSY = {
  'flush-latency': '1ms',
  'disk.size': '1T',
  'bitmaps.dirty': '0%',
  'workload.preset': 'idle',
  'workload.pattern': 'uniform',
  'workload.footprint': '100%',
  'workload.write-size': '4k',
  'ram.size': '4G',
  'ram.used': '4G',
  'pre-flush.pending': 'off',
  strategies: ['pre-flush'],
};
const LEAST_S = 1;
const RUNS_MAX = 20_000;

const cpuS = (since) => process.cpuUsage(since).user / 1e6;

/** Processor time of a replication in ms: of as many as can be measured, after as many that only make the code fast. */
async function replicationMs(settings) {
  const { scenario, strategies } = await resolve({}, settings);
  const tell = replicator(scenario, strategies, 1);
  const read = (replication) => tell(replication).map(({ metrics }) => metrics.downtimeNs);
  let runs;
  let begin;
  for (let time = 0; time < 2; time++) {
    begin = process.cpuUsage();
    for (runs = 0; runs < RUNS_MAX && cpuS(begin) < LEAST_S; ) read(runs++);
  }
  return (cpuS(begin) / runs) * 1e3;
}

async function rowsMs(rows) {
  const run = await prepareRows(STORE, 1, rows / 2);
  const begin = process.cpuUsage();
  await run();
  return cpuS(begin) * 1e3;
}

const of = (settings, path, values) => ({ values, ms: (n) => replicationMs({ ...settings, [path]: n }) });

const CASES = {
  'disk, full bitmap, store-at-stop': of(FULL, 'disk.size', SIZES),
  'disk, random bits, store-at-stop': of(RANDOM, 'disk.size', SIZES),
  'alike bitmaps, store-at-stop': of({ ...FULL, 'disk.size': '1T' }, 'bitmaps.count', COUNTS),
  'alike bitmaps, pre-flush': of({ ...BUSY, 'workload.write-iops': 1000 }, 'bitmaps.count', COUNTS),
  'writes/s, pre-flush, first-touch': of({ ...BUSY, engine: 'first-touch' }, 'workload.write-iops', IOPS),
  'writes/s, pre-flush, per-write': of({ ...BUSY, engine: 'per-write' }, 'workload.write-iops', IOPS),
  'rows of a sweep': { values: [1e3, 1e4, 1e5, 1e6], ms: rowsMs },
};

const asked = process.argv[2] ?? '';
for (const [name, { values, ms }] of Object.entries(CASES)) {
  if (!name.includes(asked)) continue;
  const times = [];
  for (const value of values) times.push(await ms(value));
  const { m } = linearRegression(values.map((value, i) => [Math.log(value), Math.log(times[i])]));
  const last = Math.log10(times.at(-1) / times.at(-2));
  console.log(
    `${name.padEnd(34)} ${times.map((t) => `${t.toPrecision(3)} ms`.padStart(11)).join('')}   exponent ${m.toFixed(2)}, last ${last.toFixed(2)}`,
  );
}
