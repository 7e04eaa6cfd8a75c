/** Disks that are copied along: what is told of them, and which strategies still make sense. */
import { InputError } from '../base/errors.js';
import { MIRROR } from '../sim/parameters/mirror.js';
import type { Spec } from '../sim/parameters/row.js';
import type { MirrorSpec, StorageSpec } from '../sim/scenario.js';
import type { AnySpec } from '../sim/strategies/definition.js';
import { streams, usualOn, variantOfSpec } from '../sim/strategies/lookup.js';
import type { StrategySpec } from '../sim/strategies/registry.js';
import type { Where } from './scenario-input.js';
import { loadStorage } from './sources.js';

type Told = Spec<typeof MIRROR>;

const GRANULARITY_BYTES = 65_536;
const MANAGEMENT_NS = 1e6;

/** What means nothing where nothing is copied. */
const BESIDE = ['target', 'granularityBytes', 'bytesPerS', 'managementNs'] as const;

/** Undefined: the hosts share the storage. `asTold` is how requests to any storage are changed (`--flush-latency`). */
export async function mirrorSpec(
  told: Told,
  where: Where,
  asTold: (storage: StorageSpec) => StorageSpec,
): Promise<MirrorSpec | undefined> {
  const { copyMode = 'off' } = told;
  if (copyMode === 'off') {
    const beside = BESIDE.find((field) => told[field] !== undefined);
    if (beside === undefined) return undefined;
    throw new InputError(
      `${where(MIRROR[beside].path)}: needs ${MIRROR.copyMode.path}, background or write-blocking; without it no disk is copied`,
    );
  }
  const target =
    told.target === undefined ? undefined : await loadStorage(told.target, [], where(MIRROR.target.path));
  return {
    copyMode,
    ...(target && { target: asTold(target.spec) }),
    granularityBytes: told.granularityBytes ?? GRANULARITY_BYTES,
    bytesPerS: told.bytesPerS ?? Number.POSITIVE_INFINITY,
    managementNs: told.managementNs ?? MANAGEMENT_NS,
  };
}

/** The way that bitmaps of mirrored disks go, in whichever stack. */
const IN_STREAM: StrategySpec = usualOn(streams);

/** What it leaves in the image of the source nobody reads: the destination has an image of its own. */
function staysBehind(spec: AnySpec): boolean {
  const [{ persistent, dirtyBitmaps }] = variantOfSpec(spec).routes;
  return persistent === true && !dirtyBitmaps;
}

/** Strategies to compare, and the one that a stack takes, or that mirrored disks leave. */
export interface Ways {
  readonly strategies: readonly StrategySpec[];
  readonly route: StrategySpec | null;
}

/**
 * Without those that write to the image of the source; InputError where the user asked for one of these by name. `where`:
 * where he did, null if he named none (a stack may have).
 */
export function travelling({ strategies, route }: Ways, where: string | null): Ways {
  const refused = where === null ? undefined : strategies.find(staysBehind);
  if (refused)
    throw new InputError(
      `${where}: ${refused.name} writes bitmaps to the image of the source, which the destination of mirrored disks never opens; they travel in the stream (dont-store/stream, dont-store/postcopy)`,
    );
  const left = strategies.filter((spec) => !staysBehind(spec));
  return {
    strategies: left.length > 0 ? left : [IN_STREAM],
    route: route === null || staysBehind(route) ? IN_STREAM : route,
  };
}
