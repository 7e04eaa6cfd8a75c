/** The reference: a VM without bitmaps. What the other strategies add is their bitmap downtime. */
import type { Strategy } from './strategy.js';

export function none(): Strategy {
  return { delivers: false, loadsFromImage: false };
}
