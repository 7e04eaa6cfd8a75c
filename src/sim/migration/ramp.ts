/**
 * Management beside the migration: it looks at what QEMU tells and raises downtime-limit. Each algorithm is that of a
 * program (models/stacks/ names it), run as a process on the same clock.
 *
 *   timed     a limit for so long, then the next                              (Nova, downtime_steps)
 *   risen     the same, once more RAM is left than at the look before         (vdsm, MonitorThread and DowntimeThread)
 *   iterated  the same, after so many iterations of RAM                       (KubeVirt, downtime tuning)
 *   stuck     doubled after so many looks at which RAM left rose or was none  (Proxmox, QemuMigrate.pm)
 */
import type { TimeNs } from '../../kernel/kernel.js';
import type { Process } from '../../kernel/process.js';
import type { DoublingRamp, LevelledRamp, RampSpec } from '../parameters/ramp.js';

const MS = 1e6;
/** QEMU takes no more. */
const MOST_NS = 2000e9;

/** What management sees of a migration, and the one thing it sets. */
export interface Watched {
  limitNs: TimeNs;
  /** RAM left, in whole pages. */
  readonly remainingBytes: number;
  readonly sentBytes: number;
  /** Readings of the dirty log (dirty-sync-count). */
  readonly syncs: number;
}

/** How far a ramp has come. */
export class RampState {
  /** The migration has switched over, or was given up. */
  ended = false;
  /** When the limit was last raised. */
  raisedNs: TimeNs = 0;
  /** Another raise is on its way. */
  goesOn = false;
}

/**
 * The limits of a ramp that ends at `lastNs`, in whole milliseconds.
 * @internal
 */
export function rampLevels({ shape, fromNs, levels }: LevelledRamp, lastNs: TimeNs): readonly TimeNs[] {
  const last = lastNs / MS;
  const level = (i: number): number => {
    if (levels === 1) return last;
    if (shape === 'linear') {
      const from = Math.min(last, (fromNs ?? 0) / MS);
      return from + ((last - from) * i) / (levels - 1);
    }
    // vdsm, exponential_downtime
    const offset = last / levels;
    return offset + Math.max(1, last - offset) ** (i / (levels - 1));
  };
  return Array.from({ length: levels }, (_, i) => MS * Math.floor(Math.min(last, level(i)) + 1e-9));
}

/** The limit that the migration starts with. */
export function firstLimit(ramp: RampSpec | null, limitNs: TimeNs): TimeNs {
  return ramp === null || ramp.law === 'stuck' ? limitNs : rampLevels(ramp, limitNs)[0]!;
}

/** Raises the limit until the migration is over, or there is none higher. `nowNs`: the clock. */
export function* raiseLimit(
  ramp: RampSpec,
  lastNs: TimeNs,
  watched: Watched,
  state: RampState,
  nowNs: () => TimeNs,
): Process {
  const set = (limitNs: TimeNs): void => {
    watched.limitNs = limitNs;
    state.raisedNs = nowNs();
  };
  if (ramp.law === 'stuck') yield* double(ramp, watched, state, set);
  else yield* climb(ramp, rampLevels(ramp, lastNs), watched, state, set);
}

function* climb(
  ramp: LevelledRamp,
  levels: readonly TimeNs[],
  watched: Watched,
  state: RampState,
  set: (limitNs: TimeNs) => void,
): Process {
  if (ramp.law !== 'timed') yield* begin(ramp, watched, state);
  state.goesOn = true;
  // vdsm sets the second limit at once, the others wait at the first.
  if (ramp.law !== 'risen') yield ramp.waitNs;
  for (const limitNs of levels.slice(1)) {
    if (state.ended) return;
    set(limitNs);
    yield ramp.waitNs;
  }
  state.goesOn = false;
}

/** Waits for what the ramp begins with. */
function* begin({ law, pollNs, iterations }: LevelledRamp, watched: Watched, state: RampState): Process {
  let before = Number.POSITIVE_INFINITY;
  while (!state.ended) {
    yield pollNs;
    if (law === 'risen' ? watched.remainingBytes > before : watched.syncs >= iterations) return;
    before = watched.remainingBytes;
  }
}

function* double(
  { polls, pollNs, pollSoonNs }: DoublingRamp,
  watched: Watched,
  state: RampState,
  set: (limitNs: TimeNs) => void,
): Process {
  let before: number | null = null;
  let counted = 0;
  let intervalNs = pollNs;
  for (let looks = 1; !state.ended && watched.limitNs < MOST_NS; looks++) {
    const meanBytes = watched.sentBytes / looks;
    yield intervalNs;
    if (watched.remainingBytes < meanBytes) intervalNs = pollSoonNs;
    if (watched.remainingBytes === 0 || (before !== null && watched.remainingBytes > before)) counted++;
    before = watched.remainingBytes;
    state.goesOn = counted > 0;
    if (counted <= polls) continue;
    counted = 0;
    set(Math.min(MOST_NS, 2 * watched.limitNs));
  }
}
