/** The reference: a VM without bitmaps. What the other strategies add is their bitmap downtime. */
import { type NoRows, STORED, type StrategyDefinition } from './definition.js';

export type NoneSpec = { readonly name: 'none' };

export const none: StrategyDefinition<NoneSpec, NoRows> = {
  name: 'none',
  summary: 'reference: no bitmap at all; downtimes of bitmaps are differences from it',
  role: 'reference',
  byDefault: false,
  built: true,
  parameters: {},
  variants: [{ name: null, colour: '#7F7F7F', routes: [{ ...STORED, name: 'none', persistent: null }] }],
  hooks: () => ({ delivers: false, loadsFromImage: false, hasBitmaps: false, isPlain: () => true }),
};
