import { z } from 'zod';
import type { Tree } from '../../base/tree.js';
import { PRESET_KINDS, type PresetKind } from '../presets.js';
import { type Citations, citationsOf, objectSchema } from './cited-values.js';
import { fieldSchema } from './mix.js';

function build(kind: PresetKind, citations: Citations): z.ZodObject {
  const sources = z
    .record(z.string(), z.string().min(1))
    .meta({ description: 'what the figures were taken from, by name' });
  return objectSchema(PRESET_KINDS[kind].rows, (field) => fieldSchema(field, citations), false, {
    summary: z.string().min(1).meta({ description: 'one line' }),
    sources: citations === 'required' ? sources : sources.optional(),
  });
}

/** A preset as users may write it: marks and sources are welcome, not required. */
export function userPresetSchema(kind: PresetKind): z.ZodObject {
  return build(kind, 'allowed');
}

/** A shipped preset: every number has a mark and a source, every source is listed, every listed source is used. */
export function presetSchema(kind: PresetKind): z.ZodType {
  return build(kind, 'required').superRefine((tree, context) => {
    const listed = Object.keys((tree as { sources: Tree }).sources);
    const { sources: _, ...values } = tree as Tree;
    const used = citationsOf(values);
    for (const { path, source } of used) {
      if (!listed.includes(source))
        context.addIssue({
          code: 'custom',
          path: path.split('.'),
          message: `source '${source}' is not listed under sources`,
        });
    }
    for (const source of listed) {
      if (!used.some((citation) => citation.source === source))
        context.addIssue({
          code: 'custom',
          path: ['sources', source],
          message: 'is not the source of any figure',
        });
    }
  });
}
