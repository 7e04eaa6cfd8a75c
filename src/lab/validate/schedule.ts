/**
 * The order in which the stops of one configuration were made. A file may hold only some of them, but an image has
 * the past it has: stops that are not in the file are replayed without a row.
 */
import { InputError } from '../../base/errors.js';
import type { MeasuredRow } from './rows.js';

/**
 * As the lab went through them in one QEMU: first store, replacements, emptied; the older files begin with a stop
 * without bitmaps and have other words.
 */
const CYCLES: readonly (readonly string[])[] = [
  ['first', 'replace', 'replace2', 'cleared'],
  ['baseline', 'fresh', 'again', 'again2', 'cleared'],
];

/** Names of phases in a file: those that are known, and as many again of somebody's own. */
const PHASES_MAX = 20;
/** Stops of one configuration: each is replayed, and the replay of a day's work is enough. */
const STOPS_MAX = 10_000;

export interface Step {
  readonly phase: string;
  /** The first stop of a repeat after the first: the bitmaps were removed and made anew. */
  readonly afresh: boolean;
  /** The measured row, if the file has it. */
  readonly row: MeasuredRow | undefined;
}

/**
 * The phases that the rows went through, in order: from the first store up to the last phase there is a row of, since
 * nothing can be replaced or emptied that was not stored before. Phases of unknown name come last, after a first store
 * if they say that they replaced something.
 */
export function phasesOf(rows: readonly MeasuredRow[]): readonly string[] {
  const present = new Set<string>();
  for (const row of rows)
    if (present.add(row.text('phase')).size > PHASES_MAX)
      throw new InputError(
        `${row.where}: column 'phase' holds another name, of which there are ${PHASES_MAX} at most`,
      );
  const known = (cycle: readonly string[]): number => cycle.filter((phase) => present.has(phase)).length;
  const cycle = CYCLES.reduce((best, other) => (known(other) > known(best) ? other : best));
  const length = cycle.findLastIndex((phase) => present.has(phase)) + 1;
  const unknown = [...present].filter((phase) => !cycle.includes(phase));
  const replaces = rows.some(
    (row) => unknown.includes(row.text('phase')) && (row.optional('old_clusters') ?? 0) > 0,
  );
  return [
    ...cycle
      .slice(0, Math.max(length, replaces ? 1 : 0))
      .filter((phase) => phase !== 'baseline' || present.has(phase)),
    ...unknown,
  ];
}

/** Every stop of one configuration up to its last measured one, in order. */
export function scheduleOf(rows: readonly MeasuredRow[], phases: readonly string[]): readonly Step[] {
  const measured = new Map<number, MeasuredRow>();
  for (const row of rows) {
    let step = (row.optional('repeat') ?? 0) * phases.length + phases.indexOf(row.text('phase'));
    // The same stop twice (files put together): another repeat.
    while (measured.has(step)) step += phases.length;
    if (step >= STOPS_MAX)
      throw new InputError(
        `${row.where}: stop ${step + 1} of its configuration, at most ${STOPS_MAX} are replayed`,
      );
    measured.set(step, row);
  }
  const last = Math.max(-1, ...measured.keys());
  return Array.from({ length: last + 1 }, (_, i) => ({
    phase: phases[i % phases.length]!,
    afresh: i > 0 && i % phases.length === 0,
    row: measured.get(i),
  }));
}
