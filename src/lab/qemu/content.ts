/** Which bits of a bitmap are set: chosen here, so that the number of bitmap clusters they touch is known exactly. */
import { InputError } from '../../base/errors.js';
import type { Rng } from '../../kernel/rng.js';

export const LAYOUTS = ['uniform', 'prefix', 'clustered'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** A run of granules. */
export interface GranuleRun {
  readonly first: number;
  readonly count: number;
}

/** Scattered bits are set one request each; more than this would take minutes. */
const SCATTERED_MAX = 1_000_000;
/** Length of a run of the clustered layout, granules (64 MiB of disk at 64 KiB). */
const CLUSTERED_RUN = 1024;

/** `bits` set bits of `total`, laid out as asked, in ascending order. All bits set is one run, whatever the layout. */
export function contentRuns(layout: Layout, bits: number, total: number, rng: Rng): GranuleRun[] {
  if (bits === 0) return [];
  if (bits >= total) return [{ first: 0, count: total }];
  if (layout === 'prefix') return [{ first: 0, count: bits }];
  const length = layout === 'clustered' ? Math.min(CLUSTERED_RUN, bits) : 1;
  const runs = Math.floor(bits / length);
  if (runs > SCATTERED_MAX)
    throw new InputError(
      `--dirty: ${bits} scattered bits are more than ${SCATTERED_MAX}, which is what can be set in reasonable time; use --dirty-layout prefix, fewer, or 100%`,
    );
  const slots = Math.floor(total / length);
  const chosen = sample(Math.min(runs, slots), slots, rng);
  return chosen.map((slot) => ({ first: slot * length, count: length }));
}

/** Bitmap clusters with at least one set bit. `granulesPerCluster` = 8 * cluster bytes. */
export function clustersTouched(runs: readonly GranuleRun[], granulesPerCluster: number): number {
  let touched = 0;
  let last = -1;
  for (const { first, count } of runs) {
    const from = Math.max(Math.floor(first / granulesPerCluster), last + 1);
    const to = Math.floor((first + count - 1) / granulesPerCluster);
    if (to < from) continue;
    touched += to - from + 1;
    last = to;
  }
  return touched;
}

/** k different integers below n, ascending. Dense samples are drawn as the complement. */
function sample(k: number, n: number, rng: Rng): number[] {
  const dense = k > n / 2;
  const drawn = new Set<number>();
  while (drawn.size < (dense ? n - k : k)) drawn.add(rng.below(n));
  if (!dense) return [...drawn].sort((a, b) => a - b);
  const rest: number[] = [];
  for (let i = 0; i < n; i++) if (!drawn.has(i)) rest.push(i);
  return rest;
}
