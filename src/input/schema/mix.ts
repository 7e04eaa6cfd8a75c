/** The schema of a field that may hold a mix of writes: each part of it is read by itself. */
import { z } from 'zod';
import { type Row, rowsOf } from '../../sim/parameters/row.js';
import { KINDS_MAX, MIX_PART } from '../models/workload.js';
import { type Citations, objectSchema, valueSchema } from './cited-values.js';

/** The schema of one field, a mix or a single value. */
export function fieldSchema(field: Row, citations: Citations): z.ZodType {
  if (field.kind !== 'parts') return valueSchema(field, citations);
  const part = objectSchema(rowsOf(MIX_PART), (each) => valueSchema(each, citations), false);
  return z.array(part).min(1).max(KINDS_MAX);
}
