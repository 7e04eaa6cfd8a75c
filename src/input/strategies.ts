import { InputError } from '../base/errors.js';
import { formatSize } from '../base/units.js';
import type { PreFlushSpec, StrategySpec } from '../sim/scenario.js';
import { didYouMean, oneOf } from './values/suggest.js';

const VARIANTS = ['drop', 'stream', 'postcopy'] as const;

/** What `list` says of each strategy; parameters of pre-flush are those below `pre-flush.` in parameters.ts. */
export const STRATEGY_HELP: readonly { readonly name: string; readonly summary: string }[] = [
  { name: 'none', summary: 'reference: no bitmap at all; downtimes of bitmaps are differences to it' },
  { name: 'dont-store', summary: 'all variants of not storing: drop, stream, postcopy' },
  { name: 'dont-store/drop', summary: 'stays in the memory of the source; the target starts without' },
  {
    name: 'dont-store/stream',
    summary: 'sent with the migration stream, inside the stop (dirty-bitmaps capability)',
  },
  { name: 'dont-store/postcopy', summary: 'sent after the destination runs' },
  { name: 'store-at-stop', summary: 'written into the image inside the stop, as QEMU does' },
  {
    name: 'pre-flush',
    summary: 'meta-bitmap: written while the guest runs, only stale chunks inside the stop',
  },
];

const NAMES = STRATEGY_HELP.map((strategy) => strategy.name);
const DEFAULT = ['dont-store', 'store-at-stop', 'pre-flush'];

/** The chunk asked for; where none was, at most a cluster, since a cluster is the unit that the image is written in. */
function chunkOf(chunkBytes: number, place: Place): number {
  if (chunkBytes <= place.clusterBytes) return chunkBytes;
  if (!place.chunkGiven) return place.clusterBytes;
  throw new InputError(
    `${place.whereChunk}: '${formatSize(chunkBytes)}' is more than a cluster (${formatSize(place.clusterBytes)}), the unit bitmaps are written in`,
  );
}

/** What the strategies must know of the rest of the scenario. */
export interface Place {
  /** The smallest cluster of the disks. */
  readonly clusterBytes: number;
  readonly chunkGiven: boolean;
  /** Where the strategies were named and the chunk was given, for messages. */
  readonly where: string;
  readonly whereChunk: string;
}

function specs(name: string, preFlush: PreFlushSpec, place: Place): readonly StrategySpec[] {
  const variants = VARIANTS.filter((variant) => name === 'dont-store' || name === `dont-store/${variant}`);
  if (variants.length > 0) return variants.map((variant) => ({ name: 'dont-store', variant }));
  if (name === 'pre-flush') return [{ name, ...preFlush, chunkBytes: chunkOf(preFlush.chunkBytes, place) }];
  return [{ name: name as 'none' | 'store-at-stop' }];
}

/** The strategies asked for, each once, in the order given; `none` runs anyway as the reference. */
export function strategiesFrom(
  preFlush: PreFlushSpec,
  place: Place,
  given: readonly string[] = DEFAULT,
): readonly StrategySpec[] {
  const unknown = given.find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw new InputError(`${place.where}: '${unknown}' is not ${oneOf(NAMES)}${didYouMean(unknown, NAMES)}`);
  const all = given.flatMap((name) => specs(name, preFlush, place));
  return all.filter(
    (spec, i) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(spec)) === i,
  );
}
