/** What a program may write as `Overrides` and `ScenarioInput`, checked by `tsc -p test`: each typo below is a compile error. */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolve, type ScenarioInput } from '../../src/index.js';
import { readSpec } from '../../src/input/values/fields.js';
import { rows } from '../../src/sim/parameters/row.js';

const overrides = {
  'disk.size': '4T',
  'disk.count': 2,
  'disk.discard': false,
  qemu: '10.0',
  strategies: ['store-at-stop', 'pre-flush'],
  storage: 'ceph-nvme',
  'storage.write.latency': { p50: '1ms', p99: '9ms' },
  'workload.pattern': 'zipf:0.99',
  'ram.dirty-rate': '10MiB/s',
  'link.bandwidth': '1GB/s',
  'host.per-1000-l1-entries': '1us',
  'pre-flush.layout': 'shadow',
} satisfies Overrides;

const input = {
  disk: { size: '4T', count: 2, discard: 'off' },
  storage: { preset: 'ceph-nvme', write: { latency: { mean: '2ms' }, bandwidth: '1GB/s' } },
  workload: 'idle',
  ram: { size: '8G', used: '50%' },
  'what-if': { 'queue-depth': 4 },
} satisfies ScenarioInput;

const refused: readonly Overrides[] = [
  // @ts-expect-error: a path with a typo
  { 'disk.sise': '4T' },
  // @ts-expect-error: a path without its head
  { granularity: '64k' },
  // @ts-expect-error: no such preset figure
  { 'storage.write.latncy': '1ms' },
  // @ts-expect-error: no such choice of a strategy
  { 'pre-flush.layout': 'in-line' },
  // @ts-expect-error: a switch is no number
  { 'disk.discard': 1 },
  // @ts-expect-error: half a latency
  { 'storage.write.latency': { p50: '1ms' } },
];

const refusedTrees: readonly ScenarioInput[] = [
  // @ts-expect-error: a path with a typo
  { disk: { sise: '4T' } },
  // @ts-expect-error: a disk has parts, and is no text
  { disk: '4T' },
  // @ts-expect-error: a key of a preset with a typo
  { storage: { presett: 'ceph-nvme' } },
  // @ts-expect-error: no such choice
  { engine: 'quick' },
];

const ROWS = rows({
  sizeBytes: { path: 'size', kind: 'size', default: '4k', help: 'a size' },
  order: { path: 'order', kind: 'choice', choices: ['up', 'down'], default: 'up', help: 'an order' },
  name: { path: 'name', kind: 'text', optional: true, help: 'a name' },
});

describe('input as types', () => {
  it('is what the resolver takes', async () => {
    const { scenario } = await resolve(input, overrides);
    expect(scenario.disks).toHaveLength(2);
    expect(scenario.storage.ops.write.latency).toEqual({ kind: 'lognormal', p50Ns: 1e6, p99Ns: 9e6 });
    expect(scenario.storage.ops.write.bytesPerS).toBe(1e9);
    expect(scenario.ram.sizeBytes).toBe(8 * 2 ** 30);
  });

  it.each(refused)('refuses at run time too: %j', async (typo) => {
    await expect(resolve({}, typo)).rejects.toThrow();
  });

  it.each(refusedTrees)('refuses at run time too, in a tree: %j', async (typo) => {
    await expect(resolve(typo)).rejects.toThrow();
  });

  it('is read into a field of its own type', () => {
    const layer = new Map([['order', { raw: 'down', where: 'test' }]]);
    const spec: { readonly sizeBytes: number; readonly order: 'up' | 'down'; readonly name?: string } =
      readSpec(ROWS, [layer], 'test');
    expect(spec).toEqual({ sizeBytes: 4096, order: 'down' });
    // @ts-expect-error: no such choice
    expect(spec.order === 'sideways').toBe(false);
    // @ts-expect-error: no such field
    expect(readSpec(ROWS, [], 'test').sise).toBeUndefined();
  });
});
