// npm run bench [-- --json] [--quick] [--only NAME]: our built code against peers on the same work.
//
// Each file in cases/ exports one `benchmark`:
//   name, unit      what is counted per second
//   work            how many units: { full, quick }
//   repeats         how often at full size, if not 5 times
//   prepare(work)   sets up (not timed) and returns the timed function, which returns a number to check (or a promise of it)
//   peers           [{ name, source in peers/ (.c, .py or .mjs), args?, work?, sameResult?, needs? (of Python; else simpy) }]
//   ratio           'time': our time over the peer's for the same work; else our rate over the peer's
//   measure         instead of all these: gives the rows itself, for what is no rate against a peer's
// A peer is called with its work and args, and prints {"seconds", "check"}. Ours and every peer run in a process of
// their own, in turns, several times; the median of the rates counts. A warm-up of a tenth of the work comes before
// ours, so that the figure is that of compiled code. With `sameResult` the checks of both sides must agree.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const argv = process.argv.slice(2);
const has = (flag) => argv.includes(flag);
const optionOf = (flag) => (has(flag) ? argv[argv.indexOf(flag) + 1] : undefined);
const say = (text) => process.stderr.write(`${text}\n`);
const size = has('--quick') ? 'quick' : 'full';
const REPEATS = 5;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

async function load(file) {
  return (await import(join(here, 'cases', file))).benchmark;
}

/** In the child: one timed run of ours. */
async function runOurs(file) {
  const benchmark = await load(file);
  const work = benchmark.work[size];
  await (await benchmark.prepare(Math.ceil(work / 10)))();
  const timed = await benchmark.prepare(work);
  const start = process.hrtime.bigint();
  const check = await timed();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  process.stdout.write(JSON.stringify({ seconds, check }));
  (await import('../../dist/cli/collect-garbage.js')).collectGarbage();
}

const runChild = (command, args) => JSON.parse(execFileSync(command, args, { encoding: 'utf8' }));

const DEBIAN = { simpy: 'python3-simpy3', numpy: 'python3-numpy' };
const moduleErrors = new Map();
/** Throws where Python lacks the module; asked for by many peers, looked for once. */
function findModule(name) {
  if (!moduleErrors.has(name))
    try {
      execFileSync('/usr/bin/python3', ['-c', `import ${name}`], { stdio: 'pipe' });
      moduleErrors.set(name, null);
    } catch (error) {
      moduleErrors.set(name, error);
    }
  if (moduleErrors.get(name) !== null) throw moduleErrors.get(name);
}

/** Command and first arguments of a peer, or undefined where the machine lacks it. */
function findPeer(peer, folder) {
  const { needs = 'simpy' } = peer;
  const source = join(here, 'peers', peer.source);
  if (peer.source.endsWith('.mjs')) return [process.execPath, source];
  try {
    if (peer.source.endsWith('.c')) {
      const binary = join(folder, peer.source.slice(0, -2));
      if (!existsSync(binary)) execFileSync('cc', ['-O2', '-o', binary, source, '-lm'], { stdio: 'pipe' });
      return [binary];
    }
    findModule(needs);
    return ['/usr/bin/python3', source];
  } catch (error) {
    const need = peer.source.endsWith('.c')
      ? 'a C compiler (Debian: gcc libc6-dev)'
      : `Debian: ${DEBIAN[needs]}`;
    const reason = String(error.stderr || error.message)
      .trim()
      .split('\n')
      .pop();
    say(`peer ${peer.name} is left out: it needs ${need}; ${reason}`);
    return undefined;
  }
}

function agree(name, ours, peer, check) {
  const difference = Math.abs(check - ours) / Math.max(1, Math.abs(ours));
  if (!(difference < 1e-9))
    throw new Error(`${name}: ours gives ${ours}, ${peer.name} ${check} on the same work`);
}

/** Rows of one benchmark: one for each peer there is. */
function compare(benchmark, file, folder) {
  const quick = size === 'quick' ? ['--quick'] : [];
  const peers = benchmark.peers.map((peer) => ({ peer, command: findPeer(peer, folder), rates: [] }));
  const there = peers.filter(({ command }) => command);
  const ours = [];
  const repeats = size === 'quick' ? 1 : (benchmark.repeats ?? REPEATS);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const own = runChild(process.execPath, [join(here, 'run.mjs'), '--ours', file, ...quick]);
    ours.push(benchmark.work[size] / own.seconds);
    for (const { peer, command, rates } of there) {
      const work = (peer.work ?? benchmark.work)[size];
      const result = runChild(command[0], [...command.slice(1), work, ...(peer.args ?? [])].map(String));
      if (peer.sameResult) agree(benchmark.name, own.check, peer, result.check);
      rates.push(work / result.seconds);
    }
  }
  const oursPerS = median(ours);
  return there.map(({ peer, rates }) => ({
    name: benchmark.name,
    unit: benchmark.unit,
    ours_per_s: Math.round(oursPerS),
    peer: peer.name,
    peer_per_s: Math.round(median(rates)),
    ratio: Number(
      (benchmark.ratio === 'time' ? median(rates) / oursPerS : oursPerS / median(rates)).toPrecision(4),
    ),
  }));
}

function table(rows) {
  const millions = (perS) => (perS / 1e6).toFixed(3).padStart(10);
  const lines = rows.map(
    (row) =>
      `${row.name.padEnd(18)}${row.unit.padEnd(11)}${millions(row.ours_per_s)}  ${row.peer.padEnd(10)}${millions(row.peer_per_s)}${`${row.ratio} x`.padStart(12)}`,
  );
  return ['name              unit       ours (M/s)  peer      peer (M/s)       ratio', ...lines].join('\n');
}

async function main() {
  if (!existsSync(join(here, '../../dist/kernel/kernel.js')))
    throw new Error('dist/ is missing: npm run build first');
  if (has('--ours')) return runOurs(optionOf('--ours'));
  const folder = mkdtempSync(join(tmpdir(), 'stopgap-bench-'));
  const rows = [];
  try {
    for (const file of readdirSync(join(here, 'cases')).sort()) {
      if (!file.endsWith('.mjs')) continue;
      const benchmark = await load(file);
      if (has('--only') && benchmark.name !== optionOf('--only')) continue;
      const beganMs = performance.now();
      const made = benchmark.measure ? await benchmark.measure(size) : compare(benchmark, file, folder);
      rows.push(...made);
      const ratios = made.map(({ peer, ratio }) => `${ratio} of ${peer}`).join(', ');
      const seconds = Math.round((performance.now() - beganMs) / 1000);
      if (!has('--quick')) say(`${benchmark.name}: ${ratios} (${seconds} s)`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${has('--json') ? JSON.stringify(rows) : table(rows)}\n`);
}

try {
  await main();
} catch (error) {
  say(`bench: ${error.message}`);
  process.exitCode = 1;
}
