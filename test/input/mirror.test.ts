/** Disks that are copied along, as a user asks for them. */
import { describe, expect, it } from 'vitest';
import { resolve } from '../../src/input/resolve.js';
import { judgedOf } from '../../src/study/judged.js';

const background = { 'mirror.copy-mode': 'background' } as const;

describe('mirrored disks', () => {
  it('are refused to strategies that write to the image of the source', async () => {
    for (const strategies of ['store-at-stop', 'pre-flush'])
      await expect(resolve({}, { ...background, strategies: [strategies] })).rejects.toThrow(
        /^--strategy: (store-at-stop|pre-flush) writes bitmaps to the image of the source.*dont-store\/stream/,
      );
  });

  it('leave the others, and the verdict is on the stream', async () => {
    const resolved = await resolve({}, background);
    expect(resolved.strategies.map((spec) => ('variant' in spec ? spec.variant : spec.name))).toEqual([
      'drop',
      'stream',
      'postcopy',
    ]);
    expect(resolved.strategies[judgedOf(resolved)!]).toEqual({ name: 'dont-store', variant: 'stream' });
  });

  it('send bitmaps through the stream in a stack that stores them on shared storage, as libvirt does', async () => {
    const shared = await resolve({}, { stack: 'libvirt-store' });
    const copied = await resolve({}, { stack: 'libvirt-store', ...background });
    expect(shared.route).toEqual({ name: 'store-at-stop' });
    expect(copied.route).toEqual({ name: 'dont-store', variant: 'stream' });
    expect(copied.strategies[judgedOf(copied)!]).toEqual(copied.route);
  });

  it('lie on a storage of their own where one is named', async () => {
    const { scenario } = await resolve(
      {},
      { ...background, storage: 'nvme-plp', 'mirror.target': 'hdd-7200' },
    );
    expect(scenario.mirror!.target!.name).toBe('hdd-7200');
    const { scenario: alike } = await resolve({}, { ...background, storage: 'nvme-plp' });
    expect(alike.mirror!.target).toBeUndefined();
  });

  it('need a copy-mode, and leave the host one by one', async () => {
    await expect(resolve({}, { 'mirror.target': 'hdd-7200' })).rejects.toThrow(
      /^--mirror-target: needs mirror.copy-mode, background or write-blocking/,
    );
    await expect(resolve({}, { ...background, vms: 3 })).rejects.toThrow(/^--vms: .*shared storage/);
  });
});
