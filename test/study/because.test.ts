/** The reason that is stated adds up to what is stated, and the best strategy owes nothing to luck with RAM. */
import { describe, expect, it } from 'vitest';
import { type Overrides, resolve } from '../../src/input/resolve.js';
import { type Judgement, judge } from '../../src/study/answer/answer.js';
import { because, chooseBest } from '../../src/study/answer/because.js';
import type { StrategyAnswer } from '../../src/study/answer/summary.js';
import { calm } from '../support/situation.js';

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, µs: 1e-3, ms: 1, s: 1e3 };
const TIME = String.raw`(-?[\d.]+) (ns|µs|ms|s)\b`;

interface Told {
  readonly ms: number;
  /** Half a unit of the last digit told. */
  readonly roundingMs: number;
}

function told(digits: string, unit: string): Told {
  const decimals = digits.split('.')[1]?.length ?? 0;
  // Three digits: of a whole number the last ones may be zeros that were rounded to.
  const step = Math.max(10 ** -decimals, 10 ** (Math.floor(Math.log10(Math.abs(Number(digits)))) - 2));
  return { ms: Number(digits) * UNIT_MS[unit]!, roundingMs: (step / 2) * UNIT_MS[unit]! };
}

/** What the sentence says is added, and the parts it names, as told. */
function parse(sentence: string): { added: Told; parts: Told[] } {
  const [, digits, unit] = new RegExp(`adds ${TIME}`).exec(sentence)!;
  const parts = [...sentence.matchAll(new RegExp(`${TIME} for `, 'g'))];
  return { added: told(digits!, unit!), parts: parts.map((part) => told(part[1]!, part[2]!)) };
}

const SITUATIONS: readonly [string, Overrides][] = [
  ['16 TiB on a network storage', { 'disk.size': '16T', storage: 'ceph-nvme' }],
  ['first store, no punches', { 'disk.size': '4T', storage: 'ceph-nvme', 'bitmaps.history': 'new' }],
  [
    '28 bitmaps of 2 KiB: metadata',
    { 'disk.size': '16G', 'disk.granularity': '1M', 'bitmaps.count': 28, storage: 'hdd-7200' },
  ],
  ['flushes paid by the byte', { 'disk.size': '16T', storage: 'file-cache' }],
  ['the search', { 'disk.size': '1T', storage: 'lab-fast', 'disk.allocated': '100%' }],
  ['one cluster', { 'disk.size': '32G', storage: 'nvme-plp' }],
  ['an empty bitmap', { 'disk.size': '1T', storage: 'ceph-nvme', 'bitmaps.dirty': '0%', workload: 'idle' }],
  ['requests in flight together', { 'disk.size': '16T', storage: 'ceph-nvme', 'what-if.queue-depth': 16 }],
  [
    'a core that waits for the search',
    { storage: 'hdd-7200', 'disk.size': '1T', 'what-if.early-allocation': 'on' },
  ],
  ['three disks, QEMU 10', { storage: 'sata-ssd', 'disk.size': '2T', 'disk.count': 3, qemu: '10.0' }],
];

async function asked(overrides: Overrides): Promise<Judgement> {
  return judge(await resolve({}, { replications: 3, strategies: 'store-at-stop', ...overrides }));
}

describe('the reason', () => {
  it.each(SITUATIONS)('adds up to what is stated as added, largest first: %s', async (_, overrides) => {
    const resolved = await resolve({}, { replications: 3, strategies: 'store-at-stop', ...overrides });
    const { strategies } = judge(resolved);
    const sentence = because(resolved, strategies, chooseBest(strategies));
    const { added, parts } = parse(sentence);
    expect(added.ms).toBeCloseTo(strategies[0]!.bitmap_downtime_ms.mean, -Math.log10(2 * added.roundingMs));
    const sum = parts.reduce((total, { ms }) => total + ms, 0);
    const rounding = parts.reduce((total, { roundingMs }) => total + roundingMs, added.roundingMs);
    expect(Math.abs(sum - added.ms)).toBeLessThanOrEqual(rounding * 1.000001);
    expect(parts.length).toBeGreaterThan(1);
    const named = sentence.includes('for the rest') ? parts.slice(0, -1) : parts;
    const sizes = named.map(({ ms }) => Math.abs(ms));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it('names the punches, and metadata where that is most', async () => {
    const large = await asked({ 'disk.size': '16T', storage: 'ceph-nvme' });
    expect(large.because).toMatch(/ms for 512 holes punched in the old copy/);
    const small = await asked({ ...SITUATIONS[2]![1] });
    expect(small.because).toMatch(/for tables, directory and header/);
  });
});

describe('what bitmaps add', () => {
  it('is their own work and the change in RAM, and the parts of each phase', async () => {
    const { strategies } = await asked({
      storage: 'hdd-7200',
      'disk.size': '1T',
      strategies: 'dont-store,store-at-stop,pre-flush',
    });
    for (const s of strategies) {
      expect(s.bitmap_work_ms + s.ram_change_ms).toBeCloseTo(s.bitmap_downtime_ms.mean, 5);
      const phases = Object.values(s.added_phases_ms).reduce((sum, ms) => sum + ms, 0);
      expect(phases).toBeCloseTo(s.bitmap_downtime_ms.mean, 5);
      expect(s.added_phases_ms.ram).toBeCloseTo(s.ram_change_ms, 5);
      expect(s.bitmap_work_ms).toBeGreaterThanOrEqual(0);
    }
    // What a bitmap does to the moment of the stop is told apart from what it costs.
    const preFlush = strategies.at(-1)!;
    expect(preFlush.ram_change_ms).not.toBe(0);
    expect(preFlush.bitmap_work_ms).toBeGreaterThan(100);
  });

  it('has no change in RAM where nothing changed but how far from zero the clock stood', async () => {
    const { strategies } = await asked({
      vms: 8,
      parallel: 4,
      'disk.size': '1T',
      replications: 30,
    });
    expect(strategies[0]!.ram_change_ms).toBe(0);
    expect(strategies[0]!.added_phases_ms.ram).toBe(0);
  });

  it('is compared by work: a stop that is shorter by luck with RAM is not the best', async () => {
    const { strategies } = judge(await calm({ 'disk.size': '1T', replications: 1 }));
    const find = (variant: string): StrategyAnswer => strategies.find((s) => s.variant === variant)!;
    const lucky: StrategyAnswer = {
      ...find('in-place'),
      verdict: 'fits',
      bitmap_work_ms: 40,
      ram_change_ms: -60,
      bitmap_downtime_ms: { ...find('in-place').bitmap_downtime_ms, mean: -20 },
      downtime_ms: { ...find('in-place').downtime_ms, mean: 1 },
    };
    const modest: StrategyAnswer = {
      ...find('postcopy'),
      verdict: 'fits',
      bitmap_work_ms: 5,
      ram_change_ms: 0,
    };
    expect(chooseBest([lucky, modest])?.summary).toBe(modest);
    // Less than a millisecond is no reason for another mechanism: the first stays.
    expect(chooseBest([{ ...lucky, bitmap_work_ms: 5.5 }, modest])?.summary.strategy).toBe('pre-flush');
    // One that fits goes before one that does not, whatever they take.
    expect(chooseBest([{ ...modest, verdict: 'too-much' }, lucky])?.summary).toBe(lucky);
  });

  it('says both parts where RAM has one', async () => {
    const resolved = await calm({ 'disk.size': '1T', budget: '1ms' });
    const { strategies } = judge(resolved);
    const store = strategies.find(({ strategy }) => strategy === 'store-at-stop')!;
    const summary: StrategyAnswer = {
      ...strategies.find(({ variant }) => variant === 'postcopy')!,
      bitmap_work_ms: 7,
      ram_change_ms: -12,
      bitmap_downtime_ms: { ...store.bitmap_downtime_ms, mean: -5 },
    };
    const sentence = because(resolved, [store, summary], { label: 'dont-store/postcopy', summary });
    expect(sentence).toContain('dont-store/postcopy adds -5 ms (work 7 ms, RAM -12 ms)');
  });
});
