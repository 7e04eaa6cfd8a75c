/** The examples run: a scenario, an experiment, and a program that uses the library as a package. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, expect, it } from 'vitest';
import { resolveTree } from '../../src/input/resolve.js';
import { latencyMeanNs } from '../../src/input/values/compound.js';
import { parseYaml } from '../../src/input/values/yaml.js';
import { inProcess } from '../support/in-process.js';

const scratch = mkdtempSync(join(tmpdir(), 'stopgap-examples-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('every example is run here', () => {
  const own = readFileSync('test/cli/examples.test.ts', 'utf8');
  const files = readdirSync('examples').filter((file) => file !== 'tsconfig.json');
  expect(files.filter((file) => !own.includes(`examples/${file}`))).toEqual([]);
});

it('the observed VM gives an answer', async () => {
  const { code, out } = await inProcess(
    'run',
    'examples/observed-vm.yaml',
    '--json',
    '--set',
    'replications=2',
  );
  expect(code).toBe(0);
  expect(JSON.parse(out).question.disks).toBe(2);
});

it('the scenario gives an answer for each strategy that it names', async () => {
  const { code, out } = await inProcess('run', 'examples/nightly-backup.yaml', '--json');
  expect(code).toBe(0);
  const { strategies, question } = JSON.parse(out);
  const named = strategies.map((each: { strategy: string; state: string }) => [each.strategy, each.state]);
  expect(named).toEqual([
    ['store-at-stop', 'completed'],
    ['dont-store', 'completed'],
    ['pre-flush', 'completed'],
  ]);
  expect(question).toMatchObject({ disks: 3, disk_bytes: 2 * 2 ** 40, bitmap_age_ms: 86_400_000 });
});

it('the experiment fills a table with a row for each point, replication and strategy', async () => {
  const out = join(scratch, 'how-many-bitmaps');
  const words = ['examples/how-many-bitmaps.yaml', '--quick', '--jobs', '1', '--out', out];
  const { code, err } = await inProcess('sweep', ...words);
  expect([code, err.includes('internal')]).toEqual([0, false]);
  const rows = parse(readFileSync(join(out, 'runs.csv'), 'utf8'), { columns: true }) as Record<
    string,
    string
  >[];
  // 2 storages, 2 counts, 2 replications, 2 strategies and the reference.
  expect(rows).toHaveLength(2 * 2 * 2 * 3);
  expect(rows.every((row) => row.state === 'completed')).toBe(true);
  expect(readdirSync(join(out, 'figures'))).not.toEqual([]);
});

it('the program compiles against the types of the package, and runs', () => {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'examples'], { encoding: 'utf8' });
  const program = 'dist-test/examples/largest-disk.js'; // from examples/largest-disk.ts
  const lines = execFileSync(process.execPath, [program], { encoding: 'utf8' }).trim().split('\n');
  const sizes = lines.map((line) => /^([\w-]+): (.*) within 300ms$/.exec(line)?.slice(1));
  expect(sizes.map((each) => each?.[0])).toEqual(['nvme-plp', 'ceph-nvme', 'hdd-7200']);
  // The slower a request, the smaller the disk; a disk drive cannot do it at all.
  const tib = sizes.map((each) => (each?.[1] === 'less than 1 TiB' ? 0 : Number.parseInt(each![1]!, 10)));
  expect(tib).toEqual([...tib].sort((a, b) => b - a));
  expect([tib[0]! > tib[1]!, tib[2]]).toEqual([true, 0]);
});

it('the scenario with five disks speaks of each of them', async () => {
  const { code, out } = await inProcess('run', 'examples/five-disks.yaml', '--set', 'replications=2');
  expect(code).toBe(0);
  const flat = out.replace(/\s+/g, ' ');
  expect(flat).toContain(
    '5 disks: 64 GiB with 1 bitmap (64 KiB granularity) over 1 backing image with 1 bitmap; ' +
      '4 TiB with 3 bitmaps (2 of 32 KiB, 1 of frozen, 1 MiB granularity); ' +
      '500 GiB with 1 bitmap (64 KiB granularity) on nvme-plp; ' +
      '2 TiB with 1 bitmap (64 KiB granularity), bitmaps beside its data file on nvme-plp; ' +
      '500 GiB without a bitmap on nvme-plp',
  );
});

it('the disks that qemu-img told of are those of the VM, chain and storages included', async () => {
  // Reads examples/disks.json.
  const { code, out } = await inProcess(
    'run',
    'examples/real-disks.yaml',
    '--json',
    '--set',
    'replications=1',
  );
  expect(code).toBe(0);
  const { disk_list } = JSON.parse(out).question;
  const told = disk_list.map((disk: { size_bytes: number; storage: string; backing: unknown[] }) => [
    disk.size_bytes / 2 ** 30,
    disk.storage,
    disk.backing.length,
  ]);
  expect(told).toEqual([
    [64, 'ceph-nvme', 1],
    [4096, 'nvme-plp', 0],
  ]);
});

it('the storage is as fio measured it, but for what is set otherwise', async () => {
  const { scenario } = await resolveFile('examples/measured-storage.yaml');
  const { jobs } = JSON.parse(readFileSync('examples/fio.json', 'utf8'));
  const { write, flush } = scenario.storage.ops;
  expect(latencyMeanNs(write.latency) / jobs[0].write.lat_ns.mean).toBeCloseTo(1, 2);
  expect(latencyMeanNs(flush.latency)).toBe(2e6);
  expect((await inProcess('run', 'examples/measured-storage.yaml', '--set', 'replications=1')).code).toBe(0);
});

async function resolveFile(file: string) {
  return resolveTree(await parseYaml(readFileSync(file, 'utf8'), file), {}, { file });
}
