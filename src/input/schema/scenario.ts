import type { z } from 'zod';
import { PARAMETERS } from '../parameters.js';
import { objectSchema } from './cited-values.js';
import { fieldSchema } from './mix.js';

/** A scenario file: the parameters of parameters.ts, nested by path, all optional, nothing else. */
export const scenarioSchema: z.ZodObject = objectSchema(
  PARAMETERS,
  (field) => fieldSchema(field, 'none'),
  true,
);
