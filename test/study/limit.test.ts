/** The limit that `ask` names makes the whole stop fit, and it is the guest's RAM that it takes the time from. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presetNames } from '../../src/input/presets.js';
import { type Overrides, type Resolved, resolve } from '../../src/input/resolve.js';
import { type Judgement, judge, studied } from '../../src/study/answer/answer.js';

const given = (overrides: Overrides): Promise<Resolved> =>
  resolve({}, { strategies: 'store-at-stop', 'migration.max-bandwidth': 'unlimited', ...overrides });

interface Asked extends Judgement {
  readonly limit_that_fits_ms: number | null;
}

async function asked(overrides: Overrides): Promise<Asked> {
  const { judgement, limitMs } = studied(await given(overrides));
  return { ...judgement, limit_that_fits_ms: limitMs() };
}

/** Asks again with the limit that was named. */
const again = async (overrides: Overrides, { limit_that_fits_ms }: Asked): Promise<Judgement> =>
  judge(await given({ ...overrides, 'migration.downtime-limit': `${limit_that_fits_ms}ms` }));

const LOWER: readonly [string, Overrides][] = [
  ["a small disk at libvirt's bandwidth", { 'disk.size': '64G' }],
  ['4 TiB on a fast device', { 'disk.size': '4T', storage: 'nvme-plp', link: '10gbit' }],
  ['a slower link', { 'disk.size': '1T', link: '1gbit' }],
  ['constant latencies', { 'disk.size': '1T', storage: 'ideal-1ms', workload: 'idle', 'ram.used': '60%' }],
  ['QEMU 10', { 'disk.size': '2T', storage: 'sata-ssd', qemu: '10.0' }],
  ['a busy guest', { 'disk.size': '1T', workload: 'oltp', storage: 'nvme-plp' }],
  ['a larger budget', { 'disk.size': '4T', budget: '500ms', 'migration.downtime-limit': '600ms' }],
  ['a smaller one', { 'disk.size': '256G', budget: 'proxmox', storage: 'nvme-plp' }],
];

describe('the limit that fits', () => {
  it.each(LOWER)(
    'is named where only the limit is in the way, and then it fits: %s',
    async (_, overrides) => {
      const first = await asked(overrides);
      expect(first.verdict).toBe('fits-with-limit');
      const second = await again(overrides, first);
      expect(second.verdict).toBe('fits');
      expect(second.strategies[0]!.p_over_budget.value).toBeLessThanOrEqual(0.05);
      // What is left to it is what the bitmaps and the rest of the stop leave of the budget.
      const rest = first.guest_alone_most_ms - Number(first.question.migration_downtime_limit_ms);
      const left = first.budget_ms - first.strategies[0]!.bitmap_work_ms - rest;
      expect(first.limit_that_fits_ms! / left).toBeGreaterThan(0.9);
      expect(first.limit_that_fits_ms! / left).toBeLessThan(1.05);
    },
  );

  it('holds in any situation: what is named fits when asked again', async () => {
    const situation = fc.record({
      'disk.size': fc.constantFrom('64G', '512G', '2T', '8T'),
      storage: fc.constantFrom('ram-disk', 'nvme-plp', 'ceph-nvme', 'sata-ssd', 'ideal-1ms'),
      workload: fc.constantFrom('idle', 'cloud-average', 'vdi-medium'),
      link: fc.constantFrom('1gbit', '10gbit', '25gbit'),
      'migration.downtime-limit': fc.constantFrom('30ms', '100ms', '300ms', '2s'),
      'migration.max-bandwidth': fc.constantFrom('unlimited', '128MiB/s'),
      'ram.size': fc.constantFrom('1G', '16G'),
      budget: fc.constantFrom('50ms', '300ms', '1s'),
      qemu: fc.constantFrom('7.2' as const, '10.0' as const),
      replications: fc.constant(10),
    });
    await fc.assert(
      fc.asyncProperty(situation, async (overrides) => {
        const first = await asked(overrides);
        if (first.verdict === 'fits-with-limit' || first.verdict === 'fits')
          expect(first.limit_that_fits_ms).not.toBeNull();
        if (first.limit_that_fits_ms !== null) expect((await again(overrides, first)).verdict).toBe('fits');
      }),
      { numRuns: 25, seed: 14 },
    );
  });

  it.each(presetNames('stack'))(
    'is named for every stack, on its own way of the bitmaps: %s',
    async (stack) => {
      const guest = { workload: 'idle', 'ram.size': '4G', 'ram.used': '60%' } as const;
      const overrides: Overrides = { 'disk.size': '64G', storage: 'ideal-1ms', ...guest, stack };
      const { judgement, limitMs } = studied(await resolve({}, overrides));
      expect(['fits', 'fits-with-limit']).toContain(judgement.verdict);
      const named = { ...overrides, 'migration.downtime-limit': `${limitMs()}ms` };
      expect(judge(await resolve({}, named)).verdict).toBe('fits');
    },
  );

  it('is none where the bitmaps alone are over the budget, or RAM never converges', async () => {
    const full = await asked({ 'disk.size': '16T', storage: 'hdd-7200' });
    expect([full.verdict, full.limit_that_fits_ms]).toEqual(['too-much', null]);
    const endless = await asked({ 'disk.size': '1T', link: '100Mbit/s' });
    expect([endless.verdict, endless.limit_that_fits_ms]).toEqual(['not-converged', null]);
  });

  it('is a higher one where only that lets a stream converge', async () => {
    const overrides: Overrides = { 'disk.size': '1T', workload: 'idle', strategies: 'dont-store/stream' };
    const first = await asked(overrides);
    expect(first.verdict).toBe('not-converged');
    expect(first.limit_that_fits_ms).toBeGreaterThan(300);
    expect((await again(overrides, first)).verdict).toBe('fits');
  });
});

describe('the budget of the bitmaps', () => {
  it('is a second one', async () => {
    const overrides: Overrides = { 'disk.size': '1T', storage: 'nvme-plp', budget: '10s' };
    expect(judge(await given({ ...overrides, 'bitmap-budget': '100ms' })).verdict).toBe('fits');
    expect(judge(await given({ ...overrides, 'bitmap-budget': '5ms' })).verdict).toBe('too-much');
  });
});
