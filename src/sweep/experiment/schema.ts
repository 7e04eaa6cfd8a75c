/** The experiment file: one question, what is varied to answer it, and how it is drawn. */
import { z } from 'zod';
import { MARKS } from '../../base/printable.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const range = z
  .strictObject({
    from: z.union([z.string(), z.number()]),
    to: z.union([z.string(), z.number()]),
    steps: z.number().int().min(2),
    scale: z.enum(['linear', 'log']).default('linear'),
  })
  .describe('evenly spaced values, ends included');

export const axis = z
  .union([z.array(z.unknown()).min(1), range])
  .describe('values of one parameter: a list, or {from, to, steps, scale}');

const axes = z.record(z.string(), axis);

const FIGURE_TYPES = [
  'downtime',
  'strategies',
  'decision-map',
  'stale-chunks',
  'phases',
  'distribution',
] as const;

/** Text for a reader: a title goes into drawings, where a control character is no character. */
const words = z.string().refine((text) => !MARKS.test(text), 'holds control characters');

const figure = z.strictObject({
  type: z.enum(FIGURE_TYPES),
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'is not a name of small letters, digits and dashes')
    .optional()
    .describe('file name; the type where absent'),
  title: words.optional().describe('the finding in words; where absent it is made from the numbers'),
  x: z.string().optional().describe('parameter or column on the horizontal axis'),
  y: z.string().optional().describe('decision-map: parameter on the vertical axis'),
  by: z.string().optional().describe('parameter that tells the lines apart'),
  facet: z.string().optional().describe('parameter that tells the panels apart'),
  strategies: z.array(z.string()).optional().describe('only these strategies'),
  where: z.record(z.string(), scalar).optional().describe('only points with these parameter values'),
  metric: z.string().optional().describe('column drawn; downtime_ms where absent'),
});

const finding = z.strictObject({
  where: z.record(z.string(), scalar).default({}).describe('what every lookup in braces has in common'),
  text: words.describe('paragraph; {storage=ceph-nvme} stands for the mean downtime of that row'),
  holds: z
    .array(z.string())
    .default([])
    .describe('comparisons that the rows must meet, or nothing of the paragraph is shown'),
});

const percent = z.union([
  z.string().regex(/^\d+(\.\d+)?%$/, 'is not a share such as 5%'),
  z.number().gt(0).lt(1),
]);

const runSize = {
  replications: z.number().int().min(1).max(1_000_000).optional().describe('runs of every point'),
  precision: percent
    .optional()
    .describe(
      'instead of a fixed number: replications until the 95 % half-width is within this share of the mean',
    ),
  'max-replications': z
    .number()
    .int()
    .min(2)
    .max(1_000_000)
    .optional()
    .describe('limit for precision (default 1000)'),
};

const design = z.union([
  z.literal('grid'),
  z.strictObject({ 'latin-hypercube': z.number().int().min(2).max(1_000_000) }),
  z.strictObject({ sobol: z.number().int().min(2).max(1_000_000) }),
]);

export const experimentSchema = z
  .strictObject({
    title: words.optional().describe('the question in a few words'),
    question: words.describe('what this experiment asks, in words'),
    base: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('the scenario all points share, as in a scenario file'),
    axes: axes
      .default({})
      .describe('what is varied: parameter path (as in a scenario file) to values; every combination is run'),
    zip: z.array(z.array(z.string()).min(2)).default([]).describe('groups of axes that advance together'),
    constraints: z.array(z.string()).default([]).describe('only points for which all of these hold'),
    derived: z
      .record(z.string(), z.string())
      .default({})
      .describe('parameters computed from others, e.g. pre-flush.chunk: disk.cluster / 2'),
    design: design.default('grid').describe('every combination, or points spread over the axes'),
    ...runSize,
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
    figures: z.array(figure).default([]),
    finding: finding
      .optional()
      .describe('what was found, in words whose numbers are looked up in the results'),
    quick: z
      .strictObject({ axes: axes.optional(), ...runSize, design: design.optional() })
      .default({})
      .describe('a small size for tests and a first look: replaces axes and replications'),
  })
  .describe('an experiment of stopgap: one question, answered by a sweep');

export type ExperimentFile = z.infer<typeof experimentSchema>;
export type FigureSpec = z.infer<typeof figure>;
export type FindingSpec = z.infer<typeof finding>;
