/**
 * The identity of a run: a hash of everything its result follows from. Equal ids mean equal results, so a second
 * sweep, a widened axis or another machine need not run it again.
 */
import { hashHex } from '../../base/hash.js';
import { version } from '../../base/version.js';
import type { Scenario } from '../../sim/scenario.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';

/** Digits of an id: 80 bits, at a million rows a collision has probability 4e-13. */
const ID_DIGITS = 20;

/** Large arrays (traces) enter by the hash of their numbers, computed once per array. */
const arrayHashes = new WeakMap<object, string>();

function arrayHash(array: ArrayBufferView): string {
  const known = arrayHashes.get(array);
  if (known !== undefined) return known;
  const units = new Uint16Array(array.buffer, array.byteOffset, array.byteLength / 2);
  const PIECE = 32_768;
  const parts: string[] = [];
  for (let at = 0; at < units.length; at += PIECE)
    parts.push(hashHex(String.fromCharCode(...units.subarray(at, at + PIECE))));
  const hash = hashHex(parts.join('/'));
  arrayHashes.set(array, hash);
  return hash;
}

/** One text for one value: keys in order, Infinity kept, arrays of numbers by hash. */
export function canonical(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (ArrayBuffer.isView(value)) return `#${arrayHash(value)}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${key}:${canonical(inner)}`).join(',')}}`;
}

/** Hash of a scenario; the slow part of a run id, shared by all runs of a point. */
export function scenarioHash(scenario: Scenario): string {
  return hashHex(canonical(scenario));
}

/** The ids of the runs of one replication of a point, by strategy. */
export function runIds(
  hash: string,
  strategies: readonly StrategySpec[],
  seed: number,
): (replication: number) => string[] {
  const texts = strategies.map((spec) => `${version()}/${hash}/${canonical(spec)}/${seed}/`);
  return (replication) => texts.map((text) => hashHex(text + replication).slice(0, ID_DIGITS));
}
