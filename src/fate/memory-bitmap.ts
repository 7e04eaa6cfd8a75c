import { Granules } from './granules.js';

/** A bitmap in the memory of one process. */
export interface MemoryBitmap {
  readonly name: string;
  readonly bits: Granules;
  readonly persistent: boolean;
  /** Hides persistence from the store (`bdrv_dirty_bitmap_skip_store`); `query-block` does not show it. */
  skipStore: boolean;
  busy: boolean;
  inconsistent: boolean;
  enabled: boolean;
  /** While its contents still arrive, by the stream or from the image: new writes go here, to be merged with them. */
  successor: Granules | undefined;
}

/** An enabled bitmap, in nobody's use. */
export function newBitmap(name: string, persistent: boolean, bits = new Granules()): MemoryBitmap {
  return {
    name,
    bits,
    persistent,
    skipStore: false,
    busy: false,
    inconsistent: false,
    enabled: true,
    successor: undefined,
  };
}

/** `bdrv_dirty_bitmap_get_persistence`: what the store and the migration stream see. */
export const seenAsPersistent = (bitmap: MemoryBitmap): boolean => bitmap.persistent && !bitmap.skipStore;
