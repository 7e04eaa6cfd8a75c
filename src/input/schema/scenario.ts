import type { z } from 'zod';
import { PARAMETERS } from '../parameters.js';
import { objectSchema, valueSchema } from './cited-values.js';

/** A scenario file: the parameters of parameters.ts, nested by path, all optional, nothing else. */
export const scenarioSchema: z.ZodObject = objectSchema(
  PARAMETERS,
  (field) => valueSchema(field, 'none'),
  true,
);
