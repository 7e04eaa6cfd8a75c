/** Strategies by the names that users give them, and their specifications from what was given or is default. */
import { InputError } from '../base/errors.js';
import type { Row } from '../sim/parameters/row.js';
import type { AnySpec, StrategyDefinition, Surroundings } from '../sim/strategies/definition.js';
import { DEFINITIONS, isStrategySpec, variantIsParameter } from '../sim/strategies/lookup.js';
import type { StrategySpec } from '../sim/strategies/registry.js';
import { type Layer, readSpec } from './values/fields.js';
import { didYouMean, oneOf } from './values/suggest.js';

/** What can be asked for: a strategy, or one variant of it where names choose among them. */
export interface Askable {
  readonly name: string;
  readonly summary: string;
  /** Rows of its parameters. */
  readonly parameters: readonly Row[];
  /** The specifications that the name stands for, without the values of parameters. */
  readonly specs: readonly AnySpec[];
  readonly definition: StrategyDefinition;
}

function askables(definition: StrategyDefinition): Askable[] {
  const { name, summary, variantField, variants } = definition;
  const parameters = Object.values(definition.parameters);
  if (variantField === undefined || variantIsParameter(definition))
    return [{ name, summary, parameters, specs: [{ name }], definition }];
  const each = variants.map((variant) => ({
    name: `${name}/${variant.name}`,
    summary: variant.summary ?? summary,
    parameters: [],
    specs: [{ name, [variantField]: variant.name }],
    definition,
  }));
  return [{ name, summary, parameters, specs: each.flatMap(({ specs }) => specs), definition }, ...each];
}

/** Everything that `--strategy` takes, in the order of `list strategies`. */
export const ASKABLE: readonly Askable[] = DEFINITIONS.flatMap(askables);

const NAMES = ASKABLE.map(({ name }) => name);
const DEFAULT = DEFINITIONS.filter(({ byDefault }) => byDefault).map(({ name }) => name);

/** What the strategies are made from. */
export interface StrategyInput {
  /** Names as given; undefined: the usual ones. */
  readonly names: readonly string[] | undefined;
  /** Where they were given, for messages. */
  readonly where: string;
  readonly layers: readonly Layer[];
  /** The smallest cluster of the disks. */
  readonly clusterBytes: number;
}

function specsOf({ definition, specs }: Askable, { layers, clusterBytes }: StrategyInput): StrategySpec[] {
  const surroundings: Surroundings = {
    clusterBytes,
    given: ({ path }) => layers.findLast((layer) => layer.has(path))?.get(path)?.where,
  };
  const read = readSpec(definition.parameters, layers, 'scenario');
  return specs
    .map((spec): AnySpec => ({ ...spec, ...read }))
    .map((spec) => definition.fit?.(spec, surroundings) ?? spec)
    .filter(isStrategySpec);
}

/** The strategies asked for, each once, in the order given; the reference runs anyway. */
export function strategiesFrom(input: StrategyInput): readonly StrategySpec[] {
  const all = (input.names ?? DEFAULT).flatMap((name) => {
    const askable = ASKABLE.find((each) => each.name === name);
    if (!askable)
      throw new InputError(`${input.where}: '${name}' is not ${oneOf(NAMES)}${didYouMean(name, NAMES)}`);
    return specsOf(askable, input);
  });
  return all.filter(
    (spec, i) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(spec)) === i,
  );
}
