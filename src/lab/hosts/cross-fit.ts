/**
 * Hosts from the rows that are judged, none of them from the row itself: the configurations of a file are dealt into
 * folds, and each is predicted with the host that the others give. Which figures a processor has is one question, how
 * well a configuration nobody measured on it is predicted another, and only the second is a validation.
 */
import { quantile } from 'simple-statistics';
import type { HostSpec } from '../../sim/scenario.js';
import { Z95 } from '../../stats/interval.js';
import { fitHost, joined, type Observation } from './fit.js';

const FOLDS_MAX = 10;
/** Configurations that the judged spread of the model weighs as much as. */
const JUDGED_WEIGHT = 4;
/** With fewer others an interval is not made narrower than its causes say. */
const NARROWER_FROM = 10;

/** Observations of one stop: its repeats. Stops of one configuration are never apart. */
export interface Repeats {
  readonly configuration: string;
  /** Several where more than one thing of a stop is measured: the source's part and the whole. */
  readonly observations: readonly (readonly Observation[])[];
}

function folds(stops: readonly Repeats[]): Map<string, number> {
  const names = [...new Set(stops.map(({ configuration }) => configuration))];
  const count = Math.min(FOLDS_MAX, names.length);
  return new Map(names.map((name, i) => [name, i % count]));
}

/** The host of each configuration, from the configurations of the other folds. */
export function crossFit(prior: HostSpec, stops: readonly Repeats[]): (configuration: string) => HostSpec {
  const foldOf = folds(stops);
  const hosts = new Map<number, HostSpec>();
  return (configuration) => {
    const fold = foldOf.get(configuration)!;
    const known = hosts.get(fold);
    if (known) return known;
    const others = stops.filter((stop) => foldOf.get(stop.configuration) !== fold);
    const observations = others.flatMap((stop) => stop.observations.map(joined));
    const host = fitHost(prior, observations, 'cross-fitted');
    hosts.set(fold, host);
    return host;
  };
}

/**
 * By how much intervals must be wider (or narrower) than their causes say, for each configuration: the 95 % quantile
 * of what the others were off, in standard deviations, drawn towards the judged one where they are few.
 */
export function widening(
  misses: readonly { readonly configuration: string; readonly deviations: number }[],
): (configuration: string) => number {
  const names = new Set(misses.map(({ configuration }) => configuration));
  return (configuration) => {
    const others = misses.filter((miss) => miss.configuration !== configuration);
    if (others.length === 0) return 1;
    const count = names.size - (names.has(configuration) ? 1 : 0);
    // Half a configuration more than there are: the quantile of a few is too low for the next one.
    const share = Math.min(1, 0.95 * (1 + 0.5 / count));
    const deviations = others.map((miss) => miss.deviations);
    const factor = quantile(deviations, share) / Z95;
    const drawn = (count * factor + JUDGED_WEIGHT) / (count + JUDGED_WEIGHT);
    return count < NARROWER_FROM ? Math.max(1, drawn) : drawn;
  };
}
