/**
 * The files stopgap reads, by name, with the schema of each; and what it prints for programs to read. Schemas are made when
 * asked for: zod is slow to load.
 */
import type { z } from 'zod';
import type { PresetKind } from '../input/presets.js';

export interface FileSchema {
  readonly summary: string;
  /** It is printed, not read: all of it is there. */
  readonly printed?: true;
  load(): Promise<z.ZodType>;
}

const preset = (kind: PresetKind, summary: string): FileSchema => ({
  summary,
  load: async () => (await import('../input/schema/preset.js')).userPresetSchema(kind),
});

export const SCHEMAS: Readonly<Record<string, FileSchema>> = {
  scenario: {
    summary: 'one situation: stopgap run scenario.yaml',
    load: async () => (await import('../input/schema/scenario.js')).scenarioSchema,
  },
  experiment: {
    summary: 'one question and what is varied to answer it: stopgap sweep experiment.yaml',
    load: async () => (await import('./experiment/editor-schema.js')).editorSchema,
  },
  storage: preset('storage', 'storage preset: models/storage/*.yaml, --storage FILE.yaml'),
  workload: preset('workload', 'workload preset: models/workloads/*.yaml, --workload FILE.yaml'),
  vm: preset('vm', 'VM preset: models/vms/*.yaml'),
  link: preset('link', 'link preset: models/links/*.yaml, --link FILE.yaml'),
  host: preset('host', 'host preset: models/hosts/*.yaml'),
  uncertainty: {
    summary: "what 'ask --uncertainty --json' prints under 'uncertainty'",
    printed: true,
    load: async () => (await import('../study/uncertainty/schema.js')).uncertaintySchema,
  },
};

/** JSON Schema (draft 2020-12) of one kind: of a file as it is written, where what has a default need not be there. */
export async function jsonSchema(name: string): Promise<Record<string, unknown>> {
  const entry = SCHEMAS[name]!;
  const { z } = await import('zod');
  const schema = z.toJSONSchema(await entry.load(), { io: entry.printed ? 'output' : 'input' });
  return { title: `stopgap ${name}${entry.printed ? '' : ' file'}`, description: entry.summary, ...schema };
}
