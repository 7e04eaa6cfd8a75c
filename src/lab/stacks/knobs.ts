/** What a stack set in a migration, as columns of its row: the prediction of a row needs no file of the stack. */
import type { LevelledRamp, RampSpec } from '../../sim/parameters/ramp.js';
import type { MigrationSpec } from '../../sim/scenario.js';
import type { Written } from '../columns.js';

const MS = 1e6;

/** The ramp and the knobs of the migration, by column. Empty: not set. */
export function knobColumns(migration: MigrationSpec): Readonly<Record<KnobColumn, Written>> {
  const { ramp, maxBytesPerS, switchoverBytesPerS } = migration;
  const levelled = ramp !== null && ramp.law !== 'stuck' ? ramp : null;
  const doubling = ramp?.law === 'stuck' ? ramp : null;
  return {
    limit_ms: migration.downtimeLimitNs / MS,
    max_bytes_per_s: Number.isFinite(maxBytesPerS) ? maxBytesPerS : undefined,
    switchover_bytes_per_s: switchoverBytesPerS,
    return_path: Number(migration.returnPath),
    patience_ms: migration.timeoutNs / MS,
    ramp: ramp?.law,
    ramp_shape: levelled?.shape,
    ramp_from_ms: levelled?.fromNs == null ? undefined : levelled.fromNs / MS,
    ramp_levels: levelled?.levels,
    ramp_wait_ms: levelled === null ? undefined : levelled.waitNs / MS,
    ramp_iterations: levelled?.iterations,
    ramp_polls: doubling?.polls,
    ramp_poll_ms: ramp === null ? undefined : ramp.pollNs / MS,
    ramp_poll_soon_ms: doubling === null ? undefined : doubling.pollSoonNs / MS,
  };
}

export const KNOB_COLUMNS = [
  'limit_ms',
  'max_bytes_per_s',
  'switchover_bytes_per_s',
  'return_path',
  'patience_ms',
  'ramp',
  'ramp_shape',
  'ramp_from_ms',
  'ramp_levels',
  'ramp_wait_ms',
  'ramp_iterations',
  'ramp_polls',
  'ramp_poll_ms',
  'ramp_poll_soon_ms',
] as const;

type KnobColumn = (typeof KNOB_COLUMNS)[number];

/** Reads cells: a number, which must be there or may be empty, and text. */
export interface Cells {
  number(column: string): number;
  optional(column: string): number | undefined;
  text(column: string): string;
}

/** What the columns say, or undefined where they name no ramp that is known. */
export function migrationFrom(row: Cells): MigrationSpec | undefined {
  const ramp = rampFrom(row);
  const switchoverBytesPerS = row.optional('switchover_bytes_per_s');
  return ramp === undefined
    ? undefined
    : {
        downtimeLimitNs: row.number('limit_ms') * MS,
        maxBytesPerS: row.optional('max_bytes_per_s') ?? Number.POSITIVE_INFINITY,
        ...(switchoverBytesPerS !== undefined && { switchoverBytesPerS }),
        returnPath: row.number('return_path') === 1,
        timeoutNs: row.number('patience_ms') * MS,
        warmUpNs: 0,
        ramp,
      };
}

const LAWS: readonly string[] = ['timed', 'risen', 'iterated'] satisfies LevelledRamp['law'][];

function rampFrom(row: Cells): RampSpec | null | undefined {
  const law = row.text('ramp');
  if (law === '') return null;
  const pollNs = row.number('ramp_poll_ms') * MS;
  if (law === 'stuck')
    return { law, polls: row.number('ramp_polls'), pollNs, pollSoonNs: row.number('ramp_poll_soon_ms') * MS };
  if (!LAWS.includes(law)) return undefined;
  const fromMs = row.optional('ramp_from_ms');
  return {
    law: law as LevelledRamp['law'],
    shape: row.text('ramp_shape') === 'exponential' ? 'exponential' : 'linear',
    fromNs: fromMs === undefined ? null : fromMs * MS,
    levels: row.number('ramp_levels'),
    waitNs: row.number('ramp_wait_ms') * MS,
    iterations: row.number('ramp_iterations'),
    pollNs,
  };
}
