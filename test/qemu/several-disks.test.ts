/**
 * Disks that differ, an external data file and backing chains on real QEMU: every request of the source's stop and of
 * the destination before it resumes, file by file, against the model's. Exact, whatever the machine is doing.
 */
import { describe, expect, it } from 'vitest';
import { resolve, type ScenarioInput } from '../../src/input/resolve.js';
import { diskRequests, sequencesOf } from '../../src/lab/measure/disk-requests.js';
import { withCleanup } from '../../src/lab/process/cleanup.js';
import { DiskStage, type Sequences } from '../../src/lab/qemu/disk-stage.js';
import { missing } from './available.js';

const VM: ScenarioInput = {
  disks: [
    { size: '4T', granularity: '64k', bitmaps: 3 },
    { size: '500G', granularity: '16k', storage: 'sata-ssd' },
    { size: '1T', granularity: '64k', 'data-file': 'on', 'bitmap-storage': 'sata-ssd' },
    { size: '64G', granularity: '256k', backing: [{ bitmaps: 2, granularity: '64k' }, {}] },
    { size: '500G', granularity: '64k', storage: 'sata-ssd' },
  ],
  storage: 'ideal-1ms',
  bitmaps: { dirty: '100%', history: 'new' },
};

/** 64 clusters of a base under an empty top. */
const CHAIN: ScenarioInput = {
  disks: [{ size: '2T', bitmaps: 0, backing: [{ bitmaps: 1, dirty: '100%' }] }, { size: '32G' }],
  bitmaps: { dirty: '0%', history: 'new' },
};

/** Nothing but a base has a bitmap. */
const ALL_BELOW: ScenarioInput = {
  disks: [{ size: '64G', bitmaps: 0, backing: [{ bitmaps: 2, dirty: '100%' }] }],
};

async function played(input: ScenarioInput): Promise<{ measured: Sequences; model: Sequences }> {
  const { scenario } = await resolve(input);
  return withCleanup(async (cleanup) => {
    const stage = new DiskStage(cleanup, scenario);
    await stage.start();
    await stage.makeImages();
    const { sequences } = await stage.migrate();
    return { measured: sequences, model: sequencesOf(diskRequests(scenario, stage.names)) };
  });
}

describe.skipIf(missing.length > 0)('a real VM with disks that differ', () => {
  it('sends each of five disks what the model says, a data file and a chain among them', async () => {
    const { measured, model } = await played(VM);
    expect(measured).toEqual(model);
    // Two minutes on a machine that does other things as well.
  }, 180_000);

  it('reads the bitmaps of a base under an empty top, and stores nothing for them', async () => {
    const { measured, model } = await played(CHAIN);
    expect(measured).toEqual(model);
    expect(measured['back0-0']!.source).toBe('R32');
    expect(measured['back0-0']!.destination).toMatch(/R65536x64$/);
  });

  it('stores nothing where every bitmap is in a base, and reads them all', async () => {
    const { measured, model } = await played(ALL_BELOW);
    expect(measured).toEqual(model);
    expect(measured.disk0!.source).not.toMatch(/W/);
  });
});
