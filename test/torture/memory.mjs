// How much memory the machinery around the model takes: a sweep of a million rows, in one piece and in two shards, their
// merge, their comparison, and the figures of a summary of as many rows. The model is replaced by one that answers at once.
//
//   node test/torture/memory.mjs            1,000,000 rows; exit 1 where a process took more than 300 MB
//   node test/torture/memory.mjs 20000      as many
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LIMIT_MB = 300;
const POINTS = 100;

/** In a process of its own: rows of shard `index` of `of` into a directory. */
async function sweep(out, rows, index, of) {
  const from = (path) => import(`../../dist/${path}`);
  const [{ checkExperimentFile, makeExperiment }, { makePlan }, { recordInto }, { InlineExecutor }, run] =
    await Promise.all([
      from('sweep/experiment/experiment.js'),
      from('sweep/run/plan.js'),
      from('sweep/results/record.js'),
      from('sweep/run/executor.js'),
      from('study/run.js'),
    ]);
  const file = checkExperimentFile(
    {
      question: 'How much memory?',
      base: { storage: 'nvme-plp', workload: 'idle', strategies: ['store-at-stop'] },
      axes: { 'disk.size': { from: '64G', to: '16T', steps: POINTS, scale: 'log' } },
      replications: Math.ceil(rows / POINTS / 2),
      figures: [{ type: 'strategies', x: 'disk.size' }],
    },
    'memory.yaml',
  );
  const plan = await makePlan(makeExperiment({ name: 'memory', file, overrides: {} }));
  let once;
  const executor = new InlineExecutor((scenario, strategies, seed, replication) => {
    once ??= run.runReplication(scenario, strategies, seed, replication);
    const downtimeNs = once[0].metrics.downtimeNs + (replication % 997) * 1009;
    return once.map((result) => ({ ...result, metrics: { ...result.metrics, downtimeNs } }));
  });
  const done = await recordInto(out, { plan, executor, shard: { index, of } });
  console.log(`${done.rows} rows`);
}

/** The same command, and the most memory it had. */
function measured(what, args) {
  const meter = join(place, 'meter');
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', fileURLToPath(new URL('meter.mjs', import.meta.url)), ...args],
    { encoding: 'utf8', env: { ...process.env, TORTURE_METER: meter } },
  );
  if (status !== 0) throw new Error(`${what}: exit ${status}: ${stderr}`);
  const { rssMiB, cpuMs } = JSON.parse(readFileSync(meter, 'utf8'));
  const megabytes = Math.round((rssMiB * 2 ** 20) / 1e6);
  console.log(`${what}: ${megabytes} MB, ${Math.round(cpuMs / 1000)} s of processor time; ${stdout.trim()}`);
  if (megabytes > LIMIT_MB) process.exitCode = 1;
}

/** A summary of as many rows, from one of few: each row again and again. */
async function lengthen(directory, rows) {
  const path = join(directory, 'summary.csv');
  const lines = [];
  for await (const line of createInterface({ input: createReadStream(path) })) lines.push(line);
  const out = createWriteStream(path);
  out.write(`${lines[0]}\n`);
  for (let i = 0; i < rows; i++)
    if (!out.write(`${lines[1 + (i % (lines.length - 1))]}\n`)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
}

const [first = '1000000', ...rest] = process.argv.slice(2);
let place;
if (first === '--sweep') await sweep(rest[0], Number(rest[1]), Number(rest[2]), Number(rest[3]));
else {
  const rows = Number(first);
  place = mkdtempSync(join(tmpdir(), 'stopgap-memory-'));
  const at = (name) => join(place, name);
  const own = fileURLToPath(import.meta.url);
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  try {
    measured('sweep, shard 1 of 2', [own, '--sweep', at('one'), first, '1', '2']);
    measured('sweep, shard 2 of 2', [own, '--sweep', at('two'), first, '2', '2']);
    measured('merge', [main, 'merge', at('one'), at('two'), '--out', at('whole')]);
    measured('the same sweep again, all rows known', [own, '--sweep', at('whole'), first, '1', '1']);
    measured('plot', [main, 'plot', at('whole')]);
    measured('compare', [main, 'compare', at('whole'), at('whole'), '--csv']);
    await lengthen(at('whole'), rows);
    measured('plot of a summary of as many rows', [main, 'plot', at('whole')]);
  } finally {
    rmSync(place, { recursive: true });
  }
}
