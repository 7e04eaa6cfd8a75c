/**
 * One job's figures in the units of fio 3: nanoseconds and bytes. fio 2 has microseconds under `clat` (not `clat_ns`)
 * and KiB under `io_bytes`; the names tell which it is.
 */
import { isTree, type Tree, treeOf } from '../../base/tree.js';

const BLOCKS = ['slat', 'clat', 'lat'] as const;
const TIMES = ['min', 'max', 'mean', 'stddev'] as const;

function nanoseconds(block: Tree): Tree {
  const scaled: Record<string, unknown> = { ...block };
  for (const key of TIMES) if (typeof block[key] === 'number') scaled[key] = block[key] * 1000;
  if (isTree(block.percentile))
    scaled.percentile = Object.fromEntries(
      Object.entries(block.percentile).map(([percent, us]) => [percent, Number(us) * 1000]),
    );
  // The bins of fio 2 are numbers of buckets, not times.
  delete scaled.bins;
  return scaled;
}

/** A direction of a job (`read`, `write`, `trim`, `mixed`) as fio 3 writes it. */
export function inUnitsOfFio3(direction: Tree): Tree {
  const old = BLOCKS.some((name) => isTree(direction[name]) && direction[`${name}_ns`] === undefined);
  if (!old) return direction;
  const blocks = BLOCKS.map((name) => [`${name}_ns`, nanoseconds(treeOf(direction[name]))] as const);
  const KiB = (key: string): number => Number(direction[key] ?? 0) * 1024;
  return {
    ...direction,
    ...Object.fromEntries(blocks),
    io_bytes: KiB('io_bytes'),
    bw_bytes: KiB('bw'),
  };
}
