/** Makes the stops of the plan, and says of each what the model would on any host. */

import type { HostSpec, StorageSpec } from '../../sim/scenario.js';
import { SPREAD, stopSdMs } from '../../sim/stop/interval.js';
import { expectedTime } from '../../sim/stop/time.js';
import type { Observation } from '../hosts/fit.js';
import { type PredictedStop, predictLoad, predictStops, predictStream } from '../measure/predict.js';
import { volumeStorage } from '../measure/predict-storage.js';
import { type Cleanup, withScope } from '../process/cleanup.js';
import { type HandoverMode, oneHandover } from '../qemu/handover.js';
import { measureStore, type Situation, type StorePhase } from '../qemu/store.js';
import { LOADED, STORES, STREAMS } from './plan.js';

/** The stops of the plan once, in its order; undefined where the time was over before. */
export type Pass = readonly (Observation | undefined)[];

/** How a pass is made. */
export interface PassOptions {
  readonly prior: HostSpec;
  readonly onStop: () => void;
  /** Asked before each series of stops. */
  readonly isOver: () => boolean;
}

/** Stops in a pass, for progress. */
export const STOPS_PER_PASS: number = 3 * STORES.length + 2 + STREAMS.length;

/**
 * What the bitmaps add to a stop of the series on such a storage, by host; the requests are worked out once.
 * @internal
 */
export function addedMs(
  stops: readonly PredictedStop[],
  phase: StorePhase,
  storage: StorageSpec,
  prior: HostSpec,
): { readonly predictMs: Observation['predictMs']; readonly sdMs: number } {
  const workOf = (wanted: StorePhase) => stops.find((stop) => stop.phase === wanted)!.work;
  const [work, bare] = [workOf(phase), workOf('baseline')];
  const timeOf = (host: HostSpec, of: typeof work) => expectedTime(of, { storage, host });
  return {
    predictMs: (host) => (timeOf(host, work).meanNs - timeOf(host, bare).meanNs) / 1e6,
    sdMs: stopSdMs(work.ops, timeOf(prior, work), 1),
  };
}

async function stored(cleanup: Cleanup, options: PassOptions): Promise<Pass> {
  const { prior, onStop, isOver } = options;
  const all: (Observation | undefined)[] = [];
  for (const situation of STORES) {
    if (isOver()) {
      all.push(undefined, undefined);
      continue;
    }
    const stops = predictStops(situation);
    const rows = await withScope(cleanup, (scope) => measureStore(scope, situation, onStop));
    const stored = rows.filter(({ phase }) => phase !== 'baseline');
    all.push(
      ...stored.map(({ phase, bitmapMs, calibration }) => ({
        measuredMs: bitmapMs,
        ...addedMs(stops, phase, volumeStorage([calibration!]), prior),
      })),
    );
  }
  return all;
}

/**
 * What bitmaps add to migrations to a destination: to what it does after the source's end, where they are stored; where they are
 * in the stream, to the source's part too.
 */
async function handedOver(cleanup: Cleanup, { prior, onStop, isOver }: PassOptions): Promise<Pass> {
  const handover = async (situation: Situation, mode: HandoverMode) => {
    const calibrated = mode === 'store';
    const seen = await withScope(cleanup, (scope) => oneHandover(scope, situation, mode, calibrated));
    onStop();
    return seen;
  };
  const bare = isOver() ? undefined : await handover(LOADED, 'none');
  // What the destination does after the source's end is a difference within one run, not between two.
  const afterMs = ({ blackoutMs, sourceMs }: Awaited<ReturnType<typeof handover>>): number =>
    blackoutMs - sourceMs;
  const all: (Observation | undefined)[] = [];
  if (bare === undefined || isOver()) all.push(undefined);
  else {
    const seen = await handover(LOADED, 'store');
    const storage = volumeStorage([seen.calibration!]);
    all.push({
      measuredMs: afterMs(seen) - afterMs(bare),
      predictMs: (host) => predictLoad(LOADED, { storage, host }).bitmapMs,
      sdMs: predictLoad(LOADED, { storage, host: { ...prior, spread: {} } }).sdMs,
    });
  }
  for (const situation of STREAMS) {
    if (bare === undefined || isOver()) {
      all.push(undefined, undefined);
      continue;
    }
    const seen = await handover(situation, 'stream');
    const observation = (measuredMs: number, predictMs: Observation['predictMs']): Observation => ({
      measuredMs,
      predictMs,
      sdMs: Math.hypot(SPREAD.stopMs, SPREAD.stream * measuredMs),
    });
    all.push(
      observation(seen.sourceMs - bare.sourceMs, (host) => predictStream(situation, host).sendMs),
      observation(afterMs(seen) - afterMs(bare), (host) => predictStream(situation, host).receiveMs),
    );
  }
  return all;
}

/** Makes every stop once, as far as there is time. */
export async function onePass(cleanup: Cleanup, options: PassOptions): Promise<Pass> {
  return [...(await stored(cleanup, options)), ...(await handedOver(cleanup, options))];
}
