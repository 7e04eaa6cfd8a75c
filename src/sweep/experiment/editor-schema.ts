/**
 * The experiment file as editors see it: with every parameter by name, so that it is completed and checked while it
 * is typed. The program takes any name here and checks it when it makes the points, where it can say more.
 */
import { z } from 'zod';
import { PARAMETERS, PRESET_PATHS } from '../../input/parameters.js';
import { scenarioSchema } from '../../input/schema/scenario.js';
import { axis, experimentSchema } from './schema.js';

const path = z.enum([
  ...PARAMETERS.map((parameter) => parameter.path),
  ...PRESET_PATHS.map((name) => `${name}.preset`),
]);
const axes = z.partialRecord(path, axis);
const { base, axes: anyAxes, derived, quick } = experimentSchema.shape;

export const editorSchema: z.ZodObject = experimentSchema.extend({
  base: scenarioSchema.default({}).describe(base.description!),
  axes: axes.default({}).describe(anyAxes.description!),
  derived: z.partialRecord(path, z.string()).default({}).describe(derived.description!),
  quick: quick.unwrap().extend({ axes: axes.optional() }).default({}).describe(quick.description!),
});
