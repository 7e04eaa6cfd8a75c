/**
 * The order in which the stops of one configuration were made. A file may hold only some of them, but an image has
 * the past it has: stops that are not in the file are replayed without a row.
 */
import type { MeasuredRow } from './rows.js';

/** As the lab went through them, in one QEMU: without bitmaps, first store, replacements, emptied. */
const PHASES = ['baseline', 'first', 'fresh', 'replace', 'again', 'replace2', 'again2', 'cleared'] as const;

export interface Step {
  readonly phase: string;
  /** The first stop of a repeat after the first: the bitmaps were removed and made anew. */
  readonly afresh: boolean;
  /** The measured row, if the file has it. */
  readonly row: MeasuredRow | undefined;
}

/** The phases that the file has at all, in order; unknown ones last. */
export function phasesOf(rows: readonly MeasuredRow[]): readonly string[] {
  const present = new Set(rows.map((row) => row.text('phase')));
  const known: readonly string[] = PHASES;
  return [
    ...known.filter((phase) => present.has(phase)),
    ...[...present].filter((phase) => !known.includes(phase)),
  ];
}

/** Every stop of one configuration up to its last measured one, in order. */
export function scheduleOf(rows: readonly MeasuredRow[], phases: readonly string[]): readonly Step[] {
  const measured = new Map<number, MeasuredRow>();
  for (const row of rows) {
    let step = (row.optional('repeat') ?? 0) * phases.length + phases.indexOf(row.text('phase'));
    // The same stop twice (files put together): another repeat.
    while (measured.has(step)) step += phases.length;
    measured.set(step, row);
  }
  const last = Math.max(-1, ...measured.keys());
  return Array.from({ length: last + 1 }, (_, i) => ({
    phase: phases[i % phases.length]!,
    afresh: i > 0 && i % phases.length === 0,
    row: measured.get(i),
  }));
}
