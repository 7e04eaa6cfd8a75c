import type { SizeMix } from './value-types.js';

/** The mean size of a write. */
export function meanSizeBytes(sizes: SizeMix): number {
  const weights = sizes.reduce((sum, { weight }) => sum + weight, 0);
  return sizes.reduce((sum, { bytes, weight }) => sum + bytes * weight, 0) / weights;
}
