import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { overridesFromArgv, parameterOptions } from '../../src/cli/parameter-options.js';
import { PARAMETERS } from '../../src/input/parameters.js';
import { resolve } from '../../src/input/resolve.js';
import { DeviceCosts } from '../../src/sim/storage/costs.js';

const TIB = 2 ** 40;

describe('resolve', () => {
  it('fills in every default', async () => {
    const { scenario, question, strategies, budgetNs, replications, seed, notes } = await resolve();
    expect(question).toMatchObject({
      disk_bytes: 16 * TIB,
      disks: 1,
      granularity_bytes: 65_536,
      cluster_bytes: 65_536,
      bitmaps: 1,
      bitmap_bits: 268_435_456,
      bitmap_bytes: 33_554_432,
      bitmap_clusters: 512,
      storage: 'ceph-nvme',
      budget_ms: 300,
    });
    expect([budgetNs, replications, seed, notes]).toEqual([300e6, 30, 1, []]);
    expect(
      strategies.map((each) => ('variant' in each ? `${each.name}/${each.variant}` : each.name)),
    ).toEqual(['dont-store/drop', 'dont-store/stream', 'dont-store/postcopy', 'store-at-stop', 'pre-flush']);
    expect(scenario.disks[0]).toEqual({
      sizeBytes: 16 * TIB,
      clusterBytes: 65_536,
      allocatedBytes: 0,
      discard: true,
      bitmaps: [
        {
          granularityBytes: 65_536,
          count: 1,
          recording: true,
          stored: true,
          content: { kind: 'age', ageNs: 86_400e9 },
        },
      ],
    });
    expect(scenario.qemu).toMatchObject({ name: '7.2', storeFirst: false, fixed: false });
  });

  it('has a question that survives JSON', async () => {
    const { question } = await resolve();
    expect(JSON.parse(JSON.stringify(question))).toEqual(question);
    expect(JSON.stringify(question)).not.toContain('null');
  });

  it('lets flags win over the file, and the file over the VM preset', async () => {
    const input = { vm: 'checkpoints', disk: { size: '2T' }, bitmaps: { count: 3 } };
    const { question } = await resolve(input, { 'bitmaps.count': '4' });
    expect(question).toMatchObject({ disk_bytes: 2 * TIB, bitmaps: 4, ram_bytes: 32 * 2 ** 30 });
    expect((await resolve({ vm: 'checkpoints' })).question).toMatchObject({ disk_bytes: TIB, bitmaps: 7 });
  });

  it('separates frozen from recording bitmaps and repeats disks', async () => {
    const { scenario, question } = await resolve(
      {},
      {
        'bitmaps.count': '5',
        'bitmaps.frozen': '2',
        'disk.count': '3',
        'bitmaps.dirty': '10%',
        'bitmaps.layout': 'clustered',
      },
    );
    expect(scenario.disks).toHaveLength(3);
    expect(scenario.disks[0]!.bitmaps.map(({ count, recording }) => [count, recording])).toEqual([
      [3, true],
      [2, false],
    ]);
    expect(scenario.disks[0]!.bitmaps[0]!.content).toEqual({
      kind: 'fraction',
      fraction: 0.1,
      layout: 'clustered',
    });
    expect(question.all_bitmaps_bytes).toBe(15 * 33_554_432);
  });

  it('sets single figures of a preset by path, in flags and in files', async () => {
    const fromFlag = await resolve({}, { 'storage.write.latency': '3ms' });
    const fromFile = await resolve({ storage: { preset: 'ceph-nvme', write: { latency: '3ms' } } });
    expect(fromFlag.scenario.storage.ops.write.latency).toEqual({ kind: 'constant', ns: 3e6 });
    expect(fromFile.scenario).toEqual(fromFlag.scenario);
    expect(fromFlag.question.storage_write_latency_ms).toBe(3);
    const swept = await resolve(
      { storage: { preset: 'ceph-nvme', write: { latency: '3ms' } } },
      { storage: 'sata-ssd' },
    );
    expect(swept.scenario.storage).toMatchObject({
      name: 'sata-ssd',
      ops: { write: { latency: { ns: 3e6 } } },
    });
  });

  it('takes --flush-latency as what QEMU sees of every op, and --flush-bandwidth for every byte', async () => {
    const { storage } = (
      await resolve({}, { storage: 'file-cache', 'flush-latency': '1ms', 'flush-bandwidth': '200MiB/s' })
    ).scenario;
    for (const op of Object.values(storage.ops)) expect(op.latency).toEqual({ kind: 'constant', ns: 1e6 });
    expect(storage).toMatchObject({ includesHost: true, hostCache: 'none', flushNsPerByte: 0, otherLoad: 0 });
    expect(storage.ops.write).toMatchObject({ bytesPerS: 200 * 2 ** 20, referenceBytes: 0 });
    expect(storage.ops.flush.bytesPerS).toBe(Number.POSITIVE_INFINITY);
    const slow = (await resolve({}, { storage: 'sata-ssd', 'flush-bandwidth': '10MiB/s' })).scenario.storage;
    expect(slow.ops.write).toMatchObject({
      latency: { kind: 'lognormal' },
      bytesPerS: 10 * 2 ** 20,
      referenceBytes: 0,
    });
    expect(slow.includesHost).toBe(false);
  });

  it('takes --flush-latency as the whole time of a request on every storage, whatever its bytes', async () => {
    for (const name of ['nvme-plp', 'ceph-nvme', 'hdd-7200', 'aws-gp3']) {
      const { storage } = (await resolve({}, { storage: name, 'flush-latency': '1ms' })).scenario;
      const costs = new DeviceCosts(storage);
      for (const op of ['write', 'smallWrite', 'read', 'punch', 'flush'] as const)
        for (const bytes of [0, 4096, 65_536, 2 ** 21]) {
          const { latency, fixedNs } = costs.of(op, bytes);
          expect([name, op, bytes, latency.meanNs + fixedNs]).toEqual([name, op, bytes, 1e6]);
        }
    }
  });

  it('reads budgets, strategies, links and orders of the stop', async () => {
    const budget = async (text: string): Promise<number> => (await resolve({}, { budget: text })).budgetNs;
    expect(await Promise.all(['qemu', 'nova', 'proxmox', 'vmotion', 'nfv', '42ms'].map(budget))).toEqual([
      300e6, 500e6, 100e6, 500e6, 10e6, 42e6,
    ]);
    const { strategies } = await resolve(
      {},
      { strategies: ['dont-store/drop,pre-flush', 'pre-flush'], 'pre-flush.chunk': '4k' },
    );
    expect(strategies).toMatchObject([
      { variant: 'drop' },
      { name: 'pre-flush', chunkBytes: 4096, pending: 'on' },
    ]);
    expect((await resolve({}, { link: '1Gbit/s' })).scenario.link).toMatchObject({
      name: '1Gbit/s',
      bytesPerS: 125e6,
    });
    expect((await resolve({}, { qemu: '10.0' })).scenario.qemu).toMatchObject({
      storeFirst: true,
      fixed: false,
    });
    expect((await resolve({}, { qemu: 'fixed' })).scenario.qemu).toMatchObject({
      storeFirst: true,
      fixed: true,
    });
  });

  it('has the idle guest of the lab: 50 pages of RAM, no writes, zero pages at a rate real QEMU shows', async () => {
    const { scenario } = await resolve({}, { workload: 'idle' });
    expect(scenario.guest).toMatchObject({ kind: 'synthetic', writesPerS: 0 });
    expect(scenario.ram).toMatchObject({ usedBytes: 200 * 1024, workingSetBytes: 0, dirtyBytesPerS: 0 });
    // Bits of 256 GiB and 1 TiB at 64 KiB against bandwidth x limit; 9 bytes a zero page.
    const bytesPerS = (9 * 1e9) / scenario.host.perZeroPageNs;
    expect(0.3 * bytesPerS).toBeGreaterThan(2 ** 22);
    expect(0.3 * bytesPerS).toBeLessThan(2 ** 24);
    expect(2 * bytesPerS).toBeGreaterThan(2 ** 24);
    expect(2 * bytesPerS).toBeLessThan(2 ** 26);
  });

  it('reads a preset file of the user without citations', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stopgap-preset-'));
    const path = join(folder, 'mine.yaml');
    writeFileSync(path, 'write: {latency: {p50: 1ms, p99: 2ms}, at: 4k}\nflush: {latency: 5ms}\n');
    const { storage } = (await resolve({}, { storage: path })).scenario;
    rmSync(folder, { recursive: true });
    expect(storage.ops.smallWrite).toEqual(storage.ops.write);
    expect(storage.ops.flush.latency).toEqual({ kind: 'constant', ns: 5e6 });
  });
});

describe('the table of parameters', () => {
  it('names no path, flag or column twice', () => {
    const unique = (names: readonly string[]): void => expect(new Set(names).size).toBe(names.length);
    unique(PARAMETERS.map((parameter) => parameter.path));
    unique(PARAMETERS.flatMap((parameter) => parameter.flag ?? []));
    unique(PARAMETERS.map((parameter) => parameter.column));
  });

  it('has the flags of `ask`, and turns them back into paths', () => {
    const expected =
      'disk disks granularity cluster bitmaps dirty frozen history discard allocated image storage flush-bandwidth flush-latency workload write-iops write-size pattern link ram strategy chunk qemu downtime-limit budget replications seed';
    expect(Object.keys(parameterOptions())).toEqual(expect.arrayContaining(expected.split(' ')));
    expect(
      overridesFromArgv({ disk: '1T', 'write-iops': '5', strategy: ['pre-flush'], storage: ['a', 'b'] }),
    ).toEqual({
      'disk.size': '1T',
      storage: 'a,b',
      strategies: ['pre-flush'],
      'workload.write-iops': '5',
    });
  });
});
