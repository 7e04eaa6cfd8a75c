import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../src/input/parameters.js';
import { PRESET_KINDS, type PresetKind, presetNames } from '../../src/input/presets.js';
import { resolve, resolveTree } from '../../src/input/resolve.js';
import { schemaError } from '../../src/input/schema/errors.js';
import { scenarioSchema } from '../../src/input/schema/scenario.js';
import { listing } from '../../src/output/listing.js';
import { jsonSchema, SCHEMAS } from '../../src/sweep/file-schemas.js';

describe('the scenario schema', () => {
  const accepted = [
    {},
    { disk: { size: '16T', granularity: 65536, discard: true }, bitmaps: { count: 2, dirty: 'auto' } },
    { storage: 'ceph-nvme', workload: { preset: 'oltp', 'write-iops': 50, pattern: 'zipf:0.9' } },
    {
      storage: { preset: 'sata-ssd', write: { latency: { p50: '1ms', p99: '2ms' } } },
      ram: { size: '8G', used: '10%' },
    },
    {
      strategies: ['pre-flush'],
      'pre-flush': { chunk: '4k' },
      'what-if': { 'queue-depth': 4 },
      budget: 'nova',
    },
  ];
  const refused = [
    { nonsense: 3 },
    { disk: { sise: '1T' } },
    { disk: '1T' },
    { storage: { presett: 'x' } },
    { workload: { mix: [] } },
    { engine: 'quick' },
  ];

  it.each(accepted)('and the resolver take %j', async (input) => {
    expect(scenarioSchema.safeParse(input).error?.issues).toBeUndefined();
    await expect(resolve(input)).resolves.toBeDefined();
  });
  it.each(refused)('and the resolver refuse %j', async (input) => {
    expect(scenarioSchema.safeParse(input).success).toBe(false);
    await expect(resolveTree(input)).rejects.toThrow();
  });
  it('tells unknown keys in one line with the nearest path', () => {
    const { error } = scenarioSchema.safeParse({ disk: { sise: '1T' } });
    const known = PARAMETERS.map((parameter) => parameter.path);
    expect(schemaError(error!, 'a.yaml', known).message).toBe(
      "a.yaml: unknown key 'disk.sise'; did you mean 'disk.size'?",
    );
  });
});

describe('JSON Schema', () => {
  it.each(Object.keys(SCHEMAS))('of %s is made', async (name) => {
    const schema = await jsonSchema(name);
    expect(schema.type).toBe('object');
    expect(schema.additionalProperties).toBe(false);
    expect(JSON.stringify(schema)).toContain('description');
  });
});

describe('list', () => {
  it('lists every preset', async () => {
    const { json, sections } = await listing();
    for (const kind of Object.keys(PRESET_KINDS) as PresetKind[]) {
      const listed = (json as Record<string, { name: string; summary: string }[]>)[kind]!;
      expect(listed.map((each) => each.name)).toEqual(presetNames(kind));
      expect(listed.every((each) => each.summary !== '')).toBe(true);
    }
    expect(sections.at(-1)!.rows.flat()).toContain('store-at-stop');
  });
  it('shows figures with mark and source', async () => {
    const { json } = await listing('storage', 'ceph-nvme');
    expect((json as { figures: unknown[] }).figures[0]).toMatchObject({
      path: 'write.latency',
      mark: 'vendor',
      source: expect.stringContaining('https://ceph.com'),
    });
  });
  it('shows the parameters of strategies', async () => {
    const { sections } = await listing('strategies', 'pre-flush');
    expect(sections[1]!.rows.map((row) => row[0])).toContain('pre-flush.chunk');
  });
  it.each([
    ['stoarge', undefined],
    ['storage', 'cef'],
    ['strategies', 'flush'],
  ])('refuses %s %s', async (what, name) => {
    await expect(listing(what, name)).rejects.toThrow(/is not|no file/);
  });
});
