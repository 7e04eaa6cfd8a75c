/** A stack sets the way of the bitmaps, bandwidth, limit and ramp; what is only reported is told as reported. */
import { describe, expect, it } from 'vitest';
import { presetNames } from '../../src/input/presets.js';
import { resolve } from '../../src/input/resolve.js';

const ROUTES: Readonly<Record<string, readonly [string, string | null]>> = {
  'plain-qemu': ['store-at-stop', null],
  'libvirt-store': ['store-at-stop', null],
  'libvirt-stream': ['dont-store', 'stream'],
  ovirt: ['store-at-stop', null],
  opennebula: ['store-at-stop', null],
  'kubevirt-cbt': ['dont-store', 'stream'],
  incus: ['store-at-stop', null],
  'proxmox-pbs': ['dont-store', 'stream'],
  'live-update': ['store-at-stop', null],
  'openstack-nova': ['dont-store', 'drop'],
};

describe('a stack', () => {
  it.each(presetNames('stack'))('%s takes its way, and says what it is and lacks', async (stack) => {
    const { strategies, route, question, scenario } = await resolve({}, { stack });
    const [name, variant] = ROUTES[stack]!;
    expect(strategies).toEqual([route]);
    expect(route).toMatchObject(variant === null ? { name } : { name, variant });
    const notes = question.stack_notes as readonly string[];
    expect(notes[0]).toMatch(new RegExp(`^stack ${stack}: `));
    expect(notes.length).toBeGreaterThanOrEqual(2);
    expect(scenario.migration.downtimeLimitNs).toBeGreaterThan(0);
  });

  it('yields to what is asked for', async () => {
    const { scenario, strategies, route } = await resolve(
      {},
      { stack: 'ovirt', 'migration.downtime-limit': '1s', strategies: 'pre-flush,store-at-stop' },
    );
    expect(scenario.migration).toMatchObject({
      downtimeLimitNs: 1e9,
      maxBytesPerS: 52 * 2 ** 20,
      returnPath: true,
    });
    expect(strategies.map(({ name }) => name)).toEqual(['pre-flush', 'store-at-stop']);
    expect(route?.name).toBe('store-at-stop');
  });

  it('wins over the granularity of a VM preset', async () => {
    const { scenario } = await resolve({}, { vm: 'small', stack: 'proxmox-pbs' });
    expect(scenario.disks[0]!.bitmaps[0]!.granularityBytes).toBe(4 * 2 ** 20);
    expect(scenario.migration.ramp).toEqual({ law: 'stuck', polls: 5, pollNs: 1e9, pollSoonNs: 1e8 });
  });

  it('calls reported what nobody saw in its source', async () => {
    const { question } = await resolve({}, { stack: 'libvirt-stream' });
    expect(question.stack_notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^reported, not seen in its source: strategies \(libvirt 12\.2/),
      ]),
    );
    expect((await resolve()).question.stack_notes).toBeUndefined();
  });

  it('that does not exist is refused with the names there are', async () =>
    await expect(resolve({}, { stack: 'libvirt' })).rejects.toThrow(
      /--stack: 'libvirt' is no file and not one of .*ovirt/,
    ));
});

describe('the image of a stack', () => {
  it('keeps the data in a file of its own where the stack does', async () => {
    for (const [stack, own] of [
      ['kubevirt-cbt', true],
      ['incus', true],
      ['libvirt-store', false],
    ] as const)
      expect((await resolve({}, { stack })).scenario.disks[0]!.dataFile !== undefined, stack).toBe(own);
  });
});
