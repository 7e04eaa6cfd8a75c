/** What `ask --uncertainty --json` gives under `uncertainty`, for programs that read it. */
import { z } from 'zod';
import type { Uncertainty } from './uncertainty.js';

const ms = (meaning: string) => z.number().describe(`${meaning}, in milliseconds`);
const share = (meaning: string) => z.number().min(0).max(1).describe(meaning);
const interval = (of: z.ZodNumber) => z.tuple([of, of]).describe('interval of 95 %: low end, high end');

const parts = (of: z.ZodNumber) =>
  z
    .strictObject({
      input: of.describe('of the figures: between draws'),
      monte_carlo: of.describe('of chance: from run to run with the same figures'),
      model: of.describe('of the model: how far validation found it off where the figures are right'),
    })
    .nullable();

const chance = (meaning: string) => z.strictObject({ value: share(meaning), ci95: interval(z.number()) });

const strategy = z.strictObject({
  strategy: z.string(),
  variant: z.string().nullable(),
  stop_ms: z
    .strictObject({ mean: ms('mean of the stops'), ci95: interval(z.number()) })
    .nullable()
    .describe('where a single stop lies; null where a migration of some draw does not end well'),
  variance_share: parts(z.number().min(0).max(1)).describe(
    'parts of the variance of the stop; they add up to 1',
  ),
  sd_ms: parts(z.number().min(0)).describe('the same as standard deviations, in milliseconds'),
  p_over_budget: chance('share of the stops over the budget'),
  p_verdict_over: chance(
    'share over the budget of what the verdict looks at: the stop at downtime-limit, or at the lowest limit where it is to be lowered',
  ),
  unfinished_share: share('share of the runs that do not end well'),
});

const figure = z.strictObject({
  path: z.string().describe('the parameter'),
  mark: z.string().nullable().describe('how the figure is known'),
  spread_share: z.number().min(0).describe('its standard deviation as a share of it'),
  stated: z.boolean().describe('whether the spread stands beside the figure; else it is that of its mark'),
});

export const uncertaintySchema: z.ZodType<Uncertainty> = z.strictObject({
  draws: z.number().int().min(1).describe('how often all figures were drawn'),
  runs: z.number().int().min(1).describe('runs of each strategy'),
  figures: z.array(figure).describe('what was drawn'),
  strategies: z.array(strategy).describe("in the order of the answer's strategies"),
});
