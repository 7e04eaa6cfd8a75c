// What the other parts play on: a small sweep, what it gives when nothing happens, and a stranger's file beside it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inside } from './inside.mjs';

const EXPERIMENT = `question: q
base: {storage: nvme-plp, workload: idle}
axes: {disk.size: [64G, 128G, 256G]}
replications: 3
figures: [{type: strategies, x: disk.size}]
`;
/** What a stranger's file holds, before and after. */
export const PRECIOUS = 'nobody but its owner may change this\n';

/** Made once for a campaign. */
export async function makeStage(place) {
  const experiment = join(place, 'small.yaml');
  writeFileSync(experiment, EXPERIMENT);
  const whole = join(place, 'whole');
  const sweep = (out, ...rest) => ['sweep', experiment, '--out', out, '--jobs', '1', ...rest];
  await inside(sweep(whole), { cwd: place });
  for (const i of [1, 2]) await inside(sweep(join(place, `part-${i}`), '--shard', `${i}/2`), { cwd: place });
  const [runs, summary] = ['runs.csv', 'summary.csv'].map((name) => readFileSync(join(whole, name), 'utf8'));
  const fio = join(place, 'fio.json');
  cpSync(join(dirname(fileURLToPath(import.meta.url)), '../fixtures/fio/fio-randwrite-64k.json'), fio);
  return { place, whole, runs, summary, sweep, fio, parts: [1, 2].map((i) => join(place, `part-${i}`)) };
}

/** A directory for one case, with a stranger's file in it. */
export function makeCase({ place }, name) {
  const own = mkdtempSync(join(place, `${name}-`));
  writeFileSync(join(own, 'precious'), PRECIOUS);
  mkdirSync(join(own, 'work'));
  return own;
}

/** The commands that write, for a directory of their own. */
export function writers(stage, own) {
  const out = join(own, 'work', 'out');
  const copy = () => {
    cpSync(stage.whole, out, { recursive: true });
    return ['plot', out];
  };
  return {
    sweep: () => stage.sweep(out, '--no-figures'),
    'sweep with figures': () => stage.sweep(out),
    merge: () => ['merge', ...stage.parts, '--out', out],
    plot: copy,
    calibrate: () => ['calibrate', stage.fio, '--out', join(own, 'work', 'preset.yaml')],
  };
}

const PARSED = /\.(?:csv|json)$/;

/** Rows that were there are rows of the whole, in its order: none torn, none made up. */
export function tornOf(stage, own) {
  const path = join(own, 'work', 'out', 'runs.csv');
  if (readFileSync(join(own, 'precious'), 'utf8') !== PRECIOUS) return "a stranger's file was touched";
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  return stage.runs.startsWith(complete)
    ? undefined
    : `${PARSED.test(path) ? path : ''} holds rows that no run gave`;
}

/** After the same command again everything is as if nothing had happened. */
export async function healedOf(stage, own, name, args) {
  const again = await inside(args, { cwd: own });
  if (again.code !== 0 || again.signal) return `again: exit ${again.code}: ${again.stderr.slice(0, 200)}`;
  const work = join(own, 'work');
  if (name === 'calibrate')
    return /^summary:/m.test(readFileSync(join(work, 'preset.yaml'), 'utf8')) ? undefined : 'a broken preset';
  for (const file of ['runs', 'summary'])
    if (readFileSync(join(work, 'out', `${file}.csv`), 'utf8') !== stage[file]) return `${file}.csv differs`;
  const manifest = JSON.parse(readFileSync(join(work, 'out', 'manifest.json'), 'utf8'));
  if (manifest.state !== 'complete') return `the manifest says ${manifest.state}`;
  return undefined;
}

/** The shim of failing disks, compiled; undefined where there is no compiler. */
export function makeShim(place) {
  const shim = join(place, 'shim.so');
  const source = join(dirname(fileURLToPath(import.meta.url)), 'shim.c');
  try {
    execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', shim, source, '-ldl', '-pthread'], {
      stdio: 'ignore',
    });
    return shim;
  } catch {
    return undefined;
  }
}
