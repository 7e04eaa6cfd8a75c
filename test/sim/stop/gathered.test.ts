import { describe, expect, it } from 'vitest';
import { gathered } from '../../../src/sim/stop/gathered.js';
import type { StoreOp } from '../../../src/sim/types.js';

const DATA: StoreOp = { op: 'write', bytes: 65_536, count: 32, purpose: 'data', scannedClusters: 2 };
const TABLE: StoreOp = { op: 'smallWrite', bytes: 256, count: 1, purpose: 'table' };
const FLUSH: StoreOp = { op: 'flush', bytes: 0, count: 1, purpose: 'flush' };

describe('requests of many alike bitmaps', () => {
  it('are one of a kind between two flushes, with all they count', () => {
    const bitmaps = Array.from({ length: 2000 }, () => [DATA, TABLE]).flat();
    expect(gathered([...bitmaps, FLUSH, TABLE, DATA, FLUSH, FLUSH])).toEqual([
      { ...DATA, count: 64_000, scannedClusters: 4000 },
      { ...TABLE, count: 2000 },
      FLUSH,
      TABLE,
      DATA,
      FLUSH,
      FLUSH,
    ]);
  });

  it('stay in their order where they are few', () => {
    const few = [DATA, TABLE, DATA, FLUSH];
    expect(gathered(few)).toBe(few);
  });
});
