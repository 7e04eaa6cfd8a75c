/** What was found out about a storage: values by path as a preset file writes them (models/storage), and remarks. */
import type { StorageSpec } from '../../sim/scenario.js';
import { readStorage } from '../models/storage.js';
import type { Layer } from '../values/fields.js';
import type { Distribution } from './samples.js';

export interface StorageValues {
  readonly values: ReadonlyMap<string, unknown>;
  /** How each was got and what was assumed: sentences for people. */
  readonly notes: readonly string[];
}

/** Counts in a file are whole numbers that add up to about this. */
const COUNT_TOTAL = 1e6;

/** A latency as a preset writes it: one value as a time, several as `{bins: {'107us': 3, …}}`. */
export function latencyValue({ ns, counts }: Distribution): unknown {
  if (ns.length === 1) return timeText(ns[0]!);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const bins: Record<string, number> = {};
  for (const [i, value] of ns.entries()) {
    const key = timeText(value);
    bins[key] = (bins[key] ?? 0) + Math.max(1, Math.round((counts[i]! / total) * COUNT_TOTAL));
  }
  return { bins };
}

/** Whole nanoseconds with the unit that reads best and loses nothing that matters (five digits). */
export function timeText(ns: number): string {
  if (ns >= 1e6) return `${Number((ns / 1e6).toFixed(3))}ms`;
  return ns >= 1e3 ? `${Number((ns / 1e3).toFixed(2))}us` : `${Math.round(ns)}ns`;
}

/** The storage of the model that these values describe. */
export function storageOfValues(found: StorageValues, name: string): StorageSpec {
  const layer: Layer = new Map(
    [...found.values].map(([path, raw]) => [path, { raw, where: `${name}: ${path}` }]),
  );
  return readStorage([layer], name);
}
