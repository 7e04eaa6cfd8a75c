/**
 * A VM looked at while fio writes to one of its disks: how fast bits are set, what that does to it (nothing), and how
 * long its migration then stands still, by the file that `observe` makes and by real QEMU.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveTree } from '../../src/input/resolve.js';
import { parseYaml } from '../../src/input/values/yaml.js';
import { listen } from '../../src/lab/observe/listen.js';
import { qmpMonitor } from '../../src/lab/observe/monitor.js';
import { understand } from '../../src/lab/observe/observation.js';
import { scenarioOf } from '../../src/lab/observe/scenario.js';
import { type Cleanup, withCleanup } from '../../src/lab/process/cleanup.js';
import { findProgram, startServer } from '../../src/lab/process/programs.js';
import { startVolume, type Volume } from '../../src/lab/qemu/nbdkit.js';
import { startQemu } from '../../src/lab/qemu/qemu.js';
import { Qmp } from '../../src/lab/qemu/qmp.js';
import { sequenceOf } from '../../src/lab/qemu/requests.js';
import { finishMigration, setCapabilities } from '../../src/lab/qemu/stop.js';
import { createImage, diskName, diskNodes, type ImagePlace } from '../../src/lab/qemu/test-image.js';
import { calibrateVolume } from '../../src/lab/qemu/volume-probe.js';
import { observedYaml } from '../../src/output/observed-yaml.js';
import { answer } from '../../src/study/answer/answer.js';
import { missing } from './available.js';

const GIB = 2 ** 30;
const DELAY = { writeDelayMs: 10, readDelayMs: 10, trimDelayMs: 10 };
/** As in times.slow.test.ts. */
const TOLERANCE = 0.12;
/** So many scattered bits touch all but one in a hundred of the 32 clusters of the bitmap. */
const BITS_FIRST = 120;
const OBSERVED_MS = 12_000;
const DISKS = [
  { bytes: 1024 * GIB, granularityBytes: 65_536 },
  { bytes: 256 * GIB, granularityBytes: 4096 },
] as const;

const lacks = missing.length > 0 || findProgram('fio') === undefined;

/** QEMU with a control connection of ours, another for whoever looks on, and a log of every command on either. */
async function startObserved(cleanup: Cleanup, runDir: string, places: readonly ImagePlace[]) {
  const args = ['-accel', 'tcg', '-M', 'pc', '-m', '32', '-nodefaults', '-vga', 'none', '-display', 'none'];
  for (const name of ['control', 'looker']) args.push('-qmp', `unix:${name}.qmp,server=on,wait=off`);
  args.push('-D', 'commands.log', '-trace', 'handle_qmp_command');
  for (const node of places.flatMap((place, i) => diskNodes(place, i, true)))
    args.push('-blockdev', JSON.stringify(node));
  for (const [i] of places.entries()) args.push('-device', `virtio-blk-pci,drive=${diskName(i)},share-rw=on`);
  startServer(cleanup, 'qemu-system-x86_64', args, runDir);
  const qmp = await Qmp.connect(join(runDir, 'control.qmp'));
  cleanup.defer(() => qmp.close());
  return qmp;
}

/**
 * Ends what is in flight and flushes it, as a guest does every few seconds. fio leaves 16 writes behind, each to a cluster that
 * it had to allocate; the stop would first write their places, a request for each, with bitmaps and without (docs/model.md):
 * 17 requests in 120, of which the prediction knows nothing.
 */
async function settle(source: Qmp): Promise<void> {
  for (const command of ['stop', 'cont']) await source.execute(command);
}

/** Command names in QEMU's own log. */
const commandsIn = (log: string): string[] =>
  [...log.matchAll(/"execute": "([^"]+)"/g)].map(([, command]) => command!);

describe.skipIf(lacks)('a VM that is looked at', { retry: 2 }, () => {
  test('bits set by fio, nothing changed, and the stop of its migration', async () => {
    await withCleanup(async (cleanup) => {
      const runDir = cleanup.tempDir(tmpdir(), 'run');
      const places: ImagePlace[] = [];
      const volumes: Volume[] = [];
      for (const [i, disk] of DISKS.entries()) {
        const volume = await startVolume(cleanup, runDir, `volume${i}`, DELAY);
        volumes.push(volume);
        places.push({ kind: 'nbd', socket: volume.socket, uri: volume.uri });
        await createImage(cleanup, places[i]!, disk.bytes, 65_536);
      }
      const { socket } = places[0] as { socket: string };
      const before = await calibrateVolume(socket);
      const source = await startObserved(cleanup, runDir, places);
      for (const [i, { granularityBytes: granularity }] of DISKS.entries())
        await source.execute('block-dirty-bitmap-add', {
          node: diskName(i),
          name: 'daily',
          granularity,
          persistent: true,
        });
      await source.execute('nbd-server-start', { addr: { type: 'unix', data: { path: 'disk.nbd' } } });
      await source.execute('block-export-add', {
        type: 'nbd',
        id: 'out',
        'node-name': diskName(0),
        name: 'out',
        writable: true,
      });
      const uri = `nbd+unix:///out?socket=${join(runDir, 'disk.nbd')}`;
      const fio = startServer(
        cleanup,
        'fio',
        [
          '--name=writes',
          '--ioengine=nbd',
          `--uri=${uri}`,
          '--rw=randwrite',
          '--bs=4k',
          '--iodepth=16',
          // A job in a process of its own would outlive the one that is killed.
        ].concat(['--thread', '--norandommap', '--time_based', '--runtime=120', '--randseed=7']),
        runDir,
      );
      const count = async () => {
        const nodes = await source.execute<{ 'node-name': string; 'dirty-bitmaps'?: { count: number }[] }[]>(
          'query-named-block-nodes',
          { flat: true },
        );
        return nodes.find((node) => node['node-name'] === diskName(0))!['dirty-bitmaps']![0]!.count / 65_536;
      };
      while ((await count()) < BITS_FIRST) await new Promise((done) => setTimeout(done, 100));

      const monitor = await qmpMonitor(cleanup, join(runDir, 'looker.qmp'));
      const logFile = join(runDir, 'commands.log');
      const commandsBefore = commandsIn(readFileSync(logFile, 'utf8')).length;
      const bitsBefore = await count();
      const recording = await listen(monitor, { forMs: OBSERVED_MS, dirtyRate: true });
      const asked = commandsIn(readFileSync(logFile, 'utf8')).slice(commandsBefore + 1);
      const observation = understand(recording);
      const bitsAfter = await count();
      fio.kill();
      await settle(source);

      expect(asked.filter((command) => !command.startsWith('query-'))).toEqual(['calc-dirty-rate']);
      const [large, small] = observation.disks;
      const seen = large!.bitmaps[0]!;
      expect(seen.newBits).toBeGreaterThan(20);
      // Between the looks, which lie between ours.
      expect(seen.newBits).toBeLessThanOrEqual(bitsAfter - bitsBefore);
      expect(seen.newBits).toBeGreaterThan(0.8 * (bitsAfter - bitsBefore));
      expect(small!.bitmaps[0]).toMatchObject({
        granularityBytes: 4096,
        setBits: 0,
        newBits: 0,
        stored: false,
      });

      const storage = join(runDir, 'volume.yaml');
      // The machine is not as busy all the time.
      const after = await calibrateVolume(socket);
      const us = (op: keyof typeof before): string => `${((before[op] + after[op]) / 2).toFixed(1)}us`;
      writeFileSync(
        storage,
        `summary: a volume of nbdkit
write: {latency: ${us('write64kUs')}}
small-write: {latency: ${us('write4kUs')}}
read: {latency: ${us('read64kUs')}}
punch: {latency: ${us('trim64kUs')}}
flush: {latency: ${us('flushUs')}}
idle-flushes: sent
`,
      );
      const { tree, notes } = scenarioOf(observation, storage);
      expect(notes.join()).toMatch(/bits were set faster than its device's own writes/);
      const yaml = observedYaml(observation, tree, notes);
      const resolved = await resolveTree(await parseYaml(yaml, 'vm.yaml'), { strategies: 'store-at-stop' });
      const predicted = (await answer(resolved)).strategies.find(
        (each) => each.strategy === 'store-at-stop',
      )!;

      await source.execute('block-export-del', { id: 'out', mode: 'hard' });
      await source.execute('nbd-server-stop');
      const nodes = places.flatMap((place, i) => diskNodes(place, i, true));
      const disks = places.map((_, i) => diskName(i));
      const target = await startQemu(cleanup, runDir, 'target', nodes, { disks, incoming: true });
      const qemu = { name: 'source', pid: 0, qmp: source, withExport: target.withExport, quit: target.quit };
      await setCapabilities(qemu);
      await target.qmp.execute('migrate-incoming', { uri: 'unix:migration.sock' });
      const since = source.events.length;
      await source.execute('migrate', { uri: 'unix:migration.sock' });
      const stop = await finishMigration(qemu, since);
      const resume = await target.qmp.wait('RESUME', 0, 120_000);
      const measuredMs = (resume.timeUs - stop.fromUs) / 1000;
      await target.quit();

      // Slices of L2 tables would be of writes that the prediction does not know.
      for (const volume of volumes)
        expect(sequenceOf(volume.requests(stop.fromUs, stop.toUs))).not.toMatch(/W4096/);
      const ratio = predicted.downtime_ms!.mean / measuredMs;
      const said = `predicted ${predicted.downtime_ms!.mean.toFixed(1)} ms, measured ${measuredMs.toFixed(1)} ms`;
      expect(ratio, said).toBeGreaterThan(1 - TOLERANCE);
      expect(ratio, said).toBeLessThan(1 + TOLERANCE);
      process.stderr.write(
        `observed VM: ${said}, ${seen.newBits} bits in ${observation.seconds.toFixed(1)} s\n`,
      );
    });
  }, 180_000);
});
