/** Stops on a volume with spells: drawn from the law that the volume was given, by the simulator's own device. */
import { standardNormal } from '../../kernel/distributions.js';
import { namedStream } from '../../kernel/rng.js';
import type { HostSpec, StorageSpec } from '../../sim/scenario.js';
import { hostShare } from '../../sim/stop/host-share.js';
import { SPREAD } from '../../sim/stop/interval.js';
import type { StopWork } from '../../sim/stop/requests.js';
import { expectedTime } from '../../sim/stop/time.js';
import { Spells } from '../../sim/storage/spells.js';
import { OpTimer } from '../../sim/storage/timer.js';
import { meanSlowdown, type NeighbourLaw } from '../spells/laws.js';
import { PLAIN, timeOnly } from './calibrated-volume.js';
import { busySdMs } from './load.js';
import type { MeasuredRow } from './rows.js';
import { stopTime } from './stop-time.js';

/** Stops of a cell, to be picked from. */
export interface DrawnStops {
  readonly ms: readonly number[];
  /** Standard deviation of what all of its repeats are off by together: calibration, host, a busy machine. */
  readonly commonSdMs: number;
  /** And of what each is by itself. */
  readonly ownSdMs: number;
}

/** As many as p95 can be read from. */
const DRAWS = 1000;

/** A volume as it was given, but `slowdown` times as slow. */
function givenVolume(row: MeasuredRow, slowdown: number): StorageSpec {
  const request = timeOnly(row.number('given_request_us') * slowdown);
  const flush = timeOnly(row.number('given_flush_us') * slowdown);
  return {
    ...PLAIN,
    name: 'given volume',
    ops: { write: request, smallWrite: request, read: request, punch: request, flush },
  };
}

/** What of it changes with time. A neighbour that comes and goes is a spell: the model's device is as fast as in the mean of both. */
function lawOf(row: MeasuredRow, neighbour: NeighbourLaw | undefined): StorageSpec {
  const levelSpread = row.number('level_spread');
  if (neighbour && neighbour.awayMs > 0)
    return {
      ...givenVolume(row, meanSlowdown(neighbour)),
      levelSpread,
      slowFactor: 1 + neighbour.depth,
      slowMeanNs: neighbour.hereMs * 1e6,
      fastMeanNs: neighbour.awayMs * 1e6,
    };
  return {
    ...givenVolume(row, 1),
    levelSpread,
    slowFactor: row.number('slow_factor'),
    slowMeanNs: row.number('slow_ms') * 1e6,
    fastMeanNs: row.number('fast_ms') * 1e6,
    otherLoad: neighbour ? neighbour.depth / (1 + neighbour.depth) : 0,
  };
}

function neighbourOf(row: MeasuredRow): NeighbourLaw | undefined {
  const depth = row.number('neighbour_depth');
  if (depth === 0) return undefined;
  return { depth, hereMs: row.number('neighbour_here_ms'), awayMs: row.number('neighbour_away_ms') };
}

/**
 * Draws stops of the cell that a row is of. What a calibrated request takes beyond what the volume was given is the way to it
 * and back: no spell makes it longer.
 */
export function drawStops(row: MeasuredRow, work: StopWork, host: HostSpec): DrawnStops {
  const neighbour = neighbourOf(row);
  const law = lawOf(row, neighbour);
  const quiet = stopTime(row, work, host);
  const given = expectedTime(work, { storage: givenVolume(row, 1), host });
  const wayMs = quiet.ms - given.meanNs / 1e6;
  const restMs = row.number('base_ms') + wayMs + given.fixedNs / 1e6;
  const timer = new OpTimer(law, host, { l1Entries: work.l1Entries });
  const ms = Array.from({ length: DRAWS }, (_, i) => {
    const rng = namedStream(0, i, 'validate/spells');
    timer.beginAnew({ spells: new Spells(law, rng) });
    return restMs + timer.drawAll(work.ops, rng) / 1e6;
  });
  const share = hostShare((other) => stopTime(row, work, other).ms, host);
  const deviceSdMs = quiet.sdMs * (neighbour ? meanSlowdown(neighbour) : 1);
  // The way to the volume and back is a processor's work too, and here it can be told from the device's.
  const busyMs = busySdMs(row, quiet.processorMs + Math.max(0, wayMs));
  const commonSdMs = Math.hypot(deviceSdMs, share, busyMs);
  return { ms, commonSdMs, ownSdMs: SPREAD.stopMs };
}

/** A set of as many stops as were measured, all off by the same and each by its own. */
export function setOfStops({ ms, commonSdMs, ownSdMs }: DrawnStops, count: number, which: number): number[] {
  const rng = namedStream(1, which, 'validate/spells');
  const common = commonSdMs * standardNormal(rng);
  return Array.from(
    { length: count },
    () => ms[rng.below(ms.length)]! + common + ownSdMs * standardNormal(rng),
  );
}
