import { describe, expect, it } from 'vitest';
import { readGuest } from '../../src/input/models/workload.js';
import {
  loadPreset,
  PRESET_KINDS,
  type PresetKind,
  presetFrom,
  presetNames,
} from '../../src/input/presets.js';
import { resolve } from '../../src/input/resolve.js';
import { presetSchema } from '../../src/input/schema/preset.js';
import { readRow } from '../../src/input/values/fields.js';

const KINDS = Object.keys(PRESET_KINDS) as PresetKind[];
const AT_LEAST: Record<PresetKind, number> = { storage: 8, workload: 8, vm: 4, link: 4, host: 2, stack: 9 };

describe.each(KINDS)('models of kind %s', (kind) => {
  it('are enough', () => {
    expect(presetNames(kind).length).toBeGreaterThanOrEqual(AT_LEAST[kind]);
  });

  it.each(presetNames(kind))('%s states every figure with mark and source', async (name) => {
    const preset = await loadPreset(kind, name, kind);
    const checked = presetSchema(kind).safeParse(preset.tree);
    expect(checked.error?.issues ?? []).toEqual([]);
    expect(preset.summary).not.toBe('');
    for (const row of PRESET_KINDS[kind].rows) expect(() => readRow(row, [preset.layer], name)).not.toThrow();
  });

  it.each(presetNames(kind))('%s resolves to a scenario', async (name) => {
    const { scenario } = await resolve({}, { [kind]: name });
    expect(JSON.stringify(scenario)).not.toMatch(/NaN|undefined/);
    if (scenario.guest.kind === 'synthetic') {
      for (const part of scenario.guest.parts) expect(part.footprintBytes).toBeGreaterThan(0);
    }
  });
});

describe('the schema of shipped presets', () => {
  const good = {
    summary: 'x',
    write: { latency: { value: '1ms', mark: 'vendor', source: 'a' } },
    flush: { latency: { p50: '1ms', p99: '2ms', mark: 'measured', source: 'a' } },
    sources: { a: 'https://example.org' },
  };
  const issues = (tree: unknown): string[] =>
    (presetSchema('storage').safeParse(tree).error?.issues ?? []).map((issue) => issue.path.join('.'));

  it('takes a cited preset', () => expect(issues(good)).toEqual([]));
  it('refuses a bare number', () =>
    expect(issues({ ...good, write: { latency: '1ms' } })).toEqual(['write.latency']));
  it('refuses a missing mark', () =>
    expect(issues({ ...good, write: { latency: { value: '1ms', source: 'a' } } })).toEqual([
      'write.latency',
    ]));
  it('refuses a source that is not listed', () =>
    expect(issues({ ...good, channels: { value: 2, mark: 'vendor', source: 'b' } })).toEqual(['channels']));
  it('refuses a source that nothing uses', () =>
    expect(issues({ ...good, sources: { a: 'x', b: 'y' } })).toEqual(['sources.b']));
  it('refuses an unknown key', () => expect(issues({ ...good, chanels: 2 })).toHaveLength(1));
});

describe('unknown keys and names', () => {
  it('suggests the key', () => {
    expect(() => presetFrom('storage', 'x', { write: { latncy: '1ms' } }, 'x.yaml', 'x.yaml')).toThrow(
      "x.yaml: unknown key 'write.latncy'; did you mean 'write.latency'?",
    );
  });
  it('suggests the name', async () => {
    await expect(resolve({}, { storage: 'nvme-plb' })).rejects.toThrow("did you mean 'nvme-plp'?");
  });
});

it('mixes keep their parts, and overrides reach each of them', async () => {
  const { layer } = await loadPreset('workload', 'oltp', 'workload');
  const set = new Map([['write-size', { raw: '32k', where: '--write-size' }]]);
  const guest = readGuest([layer, set], 'oltp', [2 ** 40]);
  expect(guest.parts.map((part) => part.weight)).toEqual([0.8, 0.2]);
  expect(guest.parts.map((part) => part.sizes)).toEqual([
    [{ bytes: 32768, weight: 1 }],
    [{ bytes: 32768, weight: 1 }],
  ]);
  expect(guest.parts[0]!.footprintBytes).toBe(Math.round(0.1 * 2 ** 40));
  expect(guest.parts[1]!.offsetShare).toBe(0.9);
});

it('cloud-average touches the working set of the traces in 31 days: 29.5 TiB over 1000 volumes', async () => {
  const { guest } = (await resolve({}, { workload: 'cloud-average' })).scenario;
  if (guest.kind !== 'synthetic') throw new Error('not synthetic');
  const writes = guest.writesPerS * 31 * 86_400;
  // Distinct granules of n uniform writes over N granules: N (1 - e^(-n/N)).
  const touchedBytes = guest.parts.reduce((sum, part) => {
    const granules = part.footprintBytes / 65_536;
    return sum + part.footprintBytes * -Math.expm1((-writes * part.weight) / granules);
  }, 0);
  expect(touchedBytes / ((29.5 / 1000) * 2 ** 40)).toBeCloseTo(1, 1);
});

it('a part of a mix goes to the disk of its number, and to none that there is not', async () => {
  const workload = (disk: unknown) => ({
    'write-iops': 100,
    mix: [{ weight: 1, 'write-size': '4k', pattern: 'uniform', disk }],
  });
  const disks = [{ size: '1T' }, { size: '64G' }];
  const { guest } = (await resolve({ disks, workload: workload(1) })).scenario;
  expect(guest).toMatchObject({ kind: 'synthetic', parts: [{ disk: 1, footprintBytes: 64 * 2 ** 30 }] });
  await expect(resolve({ disks, workload: workload(2) })).rejects.toThrow(
    /mix\[0\]: disk: there is no disk 2; there are disks 0 to 1/,
  );
  await expect(resolve({ workload: workload(1) })).rejects.toThrow(
    /there is no disk 1; there is only disk 0/,
  );
  for (const wrong of [-1, 0.5, 'one'])
    await expect(resolve({ disks, workload: workload(wrong) })).rejects.toThrow(
      /disk: '?(-1|0\.5|one)'? is not/,
    );
});
