/** What is asked of strategies in general; the answers come from the registry. */
import { assert } from '../../base/assert.js';
import { InputError } from '../../base/errors.js';
import type { AnySpec, Route, StrategyDefinition, Variant } from './definition.js';
import { STRATEGIES, type StrategySpec } from './registry.js';
import type { Strategy } from './strategy.js';

/** All of them, in the order of `list strategies`. */
export const DEFINITIONS: readonly StrategyDefinition[] = STRATEGIES;
const BY_NAME: ReadonlyMap<string, StrategyDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
);

/** True where the strategy is registered, as all are that input can name. */
export function isStrategySpec(spec: AnySpec): spec is StrategySpec {
  return BY_NAME.has(spec.name);
}

/** The strategy of a name in specifications, or in results: those on disk may be of another version. */
export function definitionOf(name: string): StrategyDefinition {
  const definition = BY_NAME.get(name);
  if (!definition) throw new InputError(`strategy '${name}' is not one of ${[...BY_NAME.keys()].join(', ')}`);
  return definition;
}

/** What a strategy does in one migration. */
export function hooksOf(spec: StrategySpec): Strategy {
  return definitionOf(spec.name).hooks(spec);
}

/** The variant of a strategy by its name in results. */
export function variantNamed(strategy: string, variant: string | null): Variant {
  const found = definitionOf(strategy).variants.find(({ name }) => name === variant);
  assert(found, `strategy '${strategy}' has no variant '${variant}'`);
  return found;
}

/** The variant that a specification asks for. */
export function variantOfSpec(spec: AnySpec): Variant {
  const { variantField, variants } = definitionOf(spec.name);
  const name = variantField === undefined ? null : spec[variantField];
  const found = variants.find((variant) => variant.name === name);
  assert(found, `strategy '${spec.name}' has no variant '${String(name)}'`);
  return found;
}

/** What readers are told of a strategy that QEMU does not have. */
export const PROPOSED = 'proposed';

/** Put behind the name of such a strategy: ` (proposed)`. */
export function proposedMark(strategy: string): string {
  return definitionOf(strategy).built ? '' : ` (${PROPOSED})`;
}

/** True where the image holds the bitmaps whatever fails once the stop is over. */
export function leavesDurableCopy(strategy: string, variant: string | null): boolean {
  const [{ persistent, dirtyBitmaps }] = variantNamed(strategy, variant).routes;
  return persistent === true && !dirtyBitmaps;
}

/** True where a parameter chooses the variant, so that a question has one of them; otherwise names do. */
export function variantIsParameter({ variantField, parameters }: StrategyDefinition): boolean {
  return variantField !== undefined && variantField in parameters;
}

/** True where the strategy writes bitmaps to the image while the guest runs and so leaves stale chunks to the stop. */
export function flushesEarly({ variants }: StrategyDefinition): boolean {
  return variants.some(({ routes }) => routes[0].preFlush !== false);
}

/** Those with a role have neither parameters nor variants, so that their name says it all. */
function withRole(role: StrategyDefinition['role']): StrategySpec {
  const found = DEFINITIONS.filter((definition) => definition.role === role);
  assert(found.length === 1, `one strategy has the role '${role}'`);
  const spec: AnySpec = { name: found[0]!.name };
  assert(isStrategySpec(spec), 'it is in the registry');
  return spec;
}

/** The strategy that the others' downtimes are compared with. */
export const REFERENCE = withRole('reference');

/** The strategy that QEMU uses today: "is it too much?" is asked of it. */
export const JUDGED = withRole('judged');

/** Whether this is the reference, by its name in results. */
export const isReference = (strategy: string): boolean => strategy === REFERENCE.name;

/** Whether this is the strategy that is judged, by its name in results. */
export const isJudged = (strategy: string): boolean => strategy === JUDGED.name;

/** A way that bitmaps go, and the strategy and variant that take it. */
export interface OwnedRoute extends Route {
  readonly strategy: string;
  readonly variant: string | null;
  readonly built: boolean;
  /** How the variant is used; false: what else QEMU can be told to do with it. */
  readonly usual: boolean;
}

/** To the image, into the stream, nowhere: the order in which results tell of them. */
const wayOf = ({ persistent, dirtyBitmaps }: Route): number =>
  dirtyBitmaps ? 1 : persistent === true ? 0 : 2;

/** All routes: by their way, what is judged first, the usual ones before the others, the reference last. */
export const ROUTES: readonly OwnedRoute[] = DEFINITIONS.flatMap(({ name, built, variants }) =>
  variants.flatMap(({ name: variant, routes }) =>
    routes.map((route, i) => ({ ...route, strategy: name, variant, built, usual: i === 0 })),
  ),
).sort(
  (a, b) =>
    Number(isReference(a.strategy)) - Number(isReference(b.strategy)) ||
    Number(b.usual) - Number(a.usual) ||
    wayOf(a) - wayOf(b) ||
    Number(isJudged(b.strategy)) - Number(isJudged(a.strategy)),
);

/** A route by its name. */
export function routeNamed(name: string): OwnedRoute {
  const route = ROUTES.find((each) => each.name === name);
  assert(route, `there is no route '${name}'`);
  return route;
}

/** Routes of these strategies, in the order of all. */
export function routesOf(specs: readonly AnySpec[]): readonly OwnedRoute[] {
  const names = new Set(specs.flatMap((spec) => variantOfSpec(spec).routes.map(({ name }) => name)));
  return ROUTES.filter(({ name }) => names.has(name));
}

/** How a strategy's bitmaps go that is used as it is meant. */
export function usualRouteOf(spec: AnySpec): OwnedRoute {
  return routeNamed(variantOfSpec(spec).routes[0].name);
}

/** In the stream, inside the stop. */
export const streams = (route: Route): boolean => route.dirtyBitmaps && !route.postcopy;

/** The first strategy of QEMU's own on such a route; its name, and its variant's, say all of it. */
export function usualOn(takes: (route: Route) => boolean): StrategySpec {
  for (const { name, parameters, variantField, variants, built } of DEFINITIONS) {
    const variant = variants.find(({ routes }) => takes(routes[0]));
    if (!variant || !built || Object.keys(parameters).length > 0) continue;
    const spec: AnySpec = variantField === undefined ? { name } : { name, [variantField]: variant.name };
    if (isStrategySpec(spec)) return spec;
  }
  throw new Error('no strategy of QEMU takes this route');
}
