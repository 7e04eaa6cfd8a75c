/**
 * What a manifest may hold. It lies in a directory that anybody may have sent, and decides on file names, runs and a
 * page of HTML: it is read as any other input is.
 */
import { z } from 'zod';
import { MARKS } from '../../base/printable.js';
import { experimentSchema } from '../experiment/schema.js';

const wholeNumber = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** A line of text. */
const line = z
  .string()
  .max(1000)
  .refine((text) => !MARKS.test(text), 'holds control characters');

const overrides = z.strictObject({
  quick: z.boolean().optional(),
  axis: z.array(z.string()).optional(),
  set: z.array(z.string()).optional(),
  replications: z.number().int().min(1).max(1_000_000).optional(),
  precision: z.string().optional(),
  seed: wholeNumber.optional(),
});

const shard = z
  .strictObject({ index: z.number().int().min(1), of: z.number().int().min(1).max(1_000_000) })
  .refine(({ index, of }) => index <= of, 'is no part of a whole');

export const manifestSchema = z.object({
  tool: z.literal('stopgap'),
  version: line,
  commit: line.nullable(),
  experiment: z.strictObject({
    name: line.min(1).regex(/^[^/\\]+$/, 'is no file name'),
    file: experimentSchema,
    overrides,
  }),
  config_hash: z.string().regex(/^[0-9a-f]+$/, 'is not a hash in hexadecimal'),
  shard: shard.nullable(),
  state: z.enum(['running', 'interrupted', 'complete']),
  points: wholeNumber,
  rows: wholeNumber.nullable(),
  rng: line,
  seed: wholeNumber,
  argv: z.array(z.string()),
  host: z.record(z.string(), z.union([z.string(), z.number()])),
  started: line,
  wall_s: z.number().min(0).nullable(),
});
