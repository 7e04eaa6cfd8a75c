/** The flags that describe a situation, made from the one table of parameters (src/experiment/parameters.ts). */
import type { Argv } from 'yargs';
import { PARAMETERS } from '../experiment/parameters.js';

export type ScenarioFlags = Record<string, string | undefined>;

/** Adds every parameter that has a flag to the parser; values stay text until they are resolved. */
export function scenarioOptions<T>(parser: Argv<T>): Argv<T & ScenarioFlags> {
  let result = parser as Argv<T & ScenarioFlags>;
  for (const parameter of PARAMETERS) {
    if (parameter.flag === undefined) continue;
    result = result.option(parameter.flag, {
      type: 'string',
      requiresArg: true,
      describe: parameter.default === undefined ? parameter.help : `${parameter.help} [${parameter.default}]`,
    }) as Argv<T & ScenarioFlags>;
  }
  return result;
}

/** The flags that were given, as overrides by parameter path. */
export function givenFlags(flags: ScenarioFlags): Record<string, string> {
  const given: Record<string, string> = {};
  for (const { flag, path } of PARAMETERS) {
    const value = flag === undefined ? undefined : flags[flag];
    if (value !== undefined) given[path] = value;
  }
  return given;
}
