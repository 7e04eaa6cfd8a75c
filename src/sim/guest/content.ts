/** What the bits are before the run begins: a share, a number, or the age of the bitmap (age.ts). */
import type { ContentSpec, DiskSpec } from '../scenario.js';
import { setExactly, setRange } from './bits.js';
import type { WordSource } from './word-source.js';

/** Clustered content comes in aligned runs: a 64th of the bitmap, from 64 bits to 4 KiB of bitmap (2 GiB of disk at 64 KiB). */
const RUN_BITS_MIN = 64;
const RUN_BITS_MAX = 32768;

/** Length of a run of clustered content, in bits of the bitmap. */
function clusterRunBits(bits: number): number {
  return Math.min(RUN_BITS_MAX, Math.max(RUN_BITS_MIN, 2 ** Math.floor(Math.log2(Math.max(1, bits / 64)))));
}

/** Set bits that the content asks for; undefined for an age. */
export function contentBits(content: ContentSpec, bits: number): number | undefined {
  if (content.kind === 'fraction') return Math.min(bits, Math.round(content.fraction * bits));
  if (content.kind === 'count') return Math.min(bits, Math.round(content.bits));
  return undefined;
}

/** How long the bitmap has recorded the workload before the run, in ns; 0 where its content does not come from there. */
export const ageNsOf = (content: ContentSpec): number => (content.kind === 'age' ? content.ageNs : 0);

/** The greatest age of any bitmap of the disk, in ns: for so long its workload has run. */
export function oldestNs(disk: DiskSpec): number {
  return Math.max(0, ...disk.bitmaps.map(({ content }) => ageNsOf(content)));
}

/** The runs from..to-1 of clustered content: random aligned runs, `count` bits in all. */
export function clusteredRuns(
  bits: number,
  count: number,
  source: WordSource,
): { from: number; to: number }[] {
  const run = clusterRunBits(bits);
  const order = Uint32Array.from({ length: Math.ceil(bits / run) }, (_, i) => i);
  const out: { from: number; to: number }[] = [];
  let left = count;
  for (let i = 0; left > 0; i++) {
    const swap = i + source.below(order.length - i);
    const chosen = order[swap]!;
    order[swap] = order[i]!;
    order[i] = chosen;
    const from = chosen * run;
    const to = Math.min(bits, from + run, from + left);
    out.push({ from, to });
    left -= to - from;
  }
  return out;
}

/** Fills an empty array. An age is the business of age.ts. */
export function fillContent(
  words: Uint32Array,
  bits: number,
  content: ContentSpec,
  source: WordSource,
): void {
  const count = contentBits(content, bits) ?? 0;
  const layout = content.kind === 'fraction' ? content.layout : 'uniform';
  if (layout === 'prefix') setRange(words, 0, count);
  else if (layout === 'clustered')
    for (const { from, to } of clusteredRuns(bits, count, source)) setRange(words, from, to);
  else setExactly(words, bits, count, source);
}
