/**
 * How management raises downtime-limit while the migration runs. The numbers of each are those of the software that
 * does it (models/stacks/); the algorithms are in src/sim/migration/ramp.ts.
 */
import type { TimeNs } from '../../kernel/kernel.js';
import { rows } from './row.js';

const ALL_LEVELS = { min: 1, max: 1000, allowed: 'from 1 to 1000' } as const;

export const RAMP = rows({
  law: {
    path: 'ramp.law',
    kind: 'choice',
    choices: ['none', 'timed', 'risen', 'iterated', 'stuck'],
    optional: true,
    help: 'timed: by the clock; risen, iterated: likewise once the RAM left has risen, or after iterations; stuck: doubled whenever it makes no progress',
  },
  fromNs: {
    path: 'ramp.from',
    kind: 'time',
    optional: true,
    help: 'first downtime-limit of a ramp; migration.downtime-limit is the last',
  },
  shape: {
    path: 'ramp.shape',
    kind: 'choice',
    choices: ['linear', 'exponential'],
    optional: true,
    help: 'how the limits between first and last lie',
  },
  levels: {
    path: 'ramp.levels',
    kind: 'count',
    optional: true,
    ...ALL_LEVELS,
    help: 'number of limits, first and last included',
  },
  waitNs: { path: 'ramp.wait', kind: 'time', optional: true, help: 'time at one limit' },
  waitPerGibNs: {
    path: 'ramp.wait-per-gib',
    kind: 'time',
    optional: true,
    help: 'the same for each GiB of RAM, in place of ramp.wait',
  },
  waitMostNs: { path: 'ramp.wait-most', kind: 'time', optional: true, help: 'the most that it waits' },
  iterations: {
    path: 'ramp.iterations',
    kind: 'count',
    optional: true,
    help: 'iterations of RAM before the ramp begins (iterated)',
  },
  pollNs: {
    path: 'ramp.poll',
    kind: 'time',
    optional: true,
    min: 1e6,
    allowed: 'of at least 1ms',
    help: 'how often management looks',
  },
  pollSoonNs: {
    path: 'ramp.poll-soon',
    kind: 'time',
    optional: true,
    min: 1e6,
    allowed: 'of at least 1ms',
    help: 'the same once less RAM is left than was sent in a mean interval (stuck)',
  },
  polls: {
    path: 'ramp.polls',
    kind: 'count',
    optional: true,
    ...ALL_LEVELS,
    help: 'looks without progress before the limit is doubled (stuck)',
  },
});

/** Limits in order, each held for a time. */
export interface LevelledRamp {
  readonly law: 'timed' | 'risen' | 'iterated';
  readonly shape: 'linear' | 'exponential';
  /** Null: an exponential ramp works out its own. */
  readonly fromNs: TimeNs | null;
  readonly levels: number;
  readonly waitNs: TimeNs;
  readonly iterations: number;
  readonly pollNs: TimeNs;
}

/** Doubled after so many looks at which no less was left than before. */
export interface DoublingRamp {
  readonly law: 'stuck';
  readonly polls: number;
  readonly pollNs: TimeNs;
  readonly pollSoonNs: TimeNs;
}

export type RampSpec = LevelledRamp | DoublingRamp;
