/** How far the model itself may be off in a simulated stop whose figures are right: what validation found, by parts of the stop. */
import type { PhaseTimes } from '../../sim/machine/phases.js';
import type { Scenario } from '../../sim/scenario.js';
import { FILE_SPREAD, SPREAD } from '../../sim/stop/interval.js';
import { storagesOf } from '../../sim/storage/places.js';

/** Flushes that pay for every byte before them are those of local files, which are predicted worst. */
function hasFile(scenario: Scenario): boolean {
  return storagesOf(scenario).some(({ flushNsPerByte }) => flushNsPerByte > 0);
}

/** Standard deviation of the error in nanoseconds. */
export function modelSdNs(scenario: Scenario, phasesNs: Readonly<PhaseTimes>): number {
  const { store_scan, store_data, store_metadata, store_flush, store_punch, load, stream } = phasesNs;
  const device = store_scan + store_data + store_metadata + store_flush + load;
  const streamed = SPREAD.stream * stream;
  if (hasFile(scenario)) {
    const files = FILE_SPREAD.relative * (device + store_punch);
    return Math.hypot(FILE_SPREAD.stopMs * 1e6, files, streamed);
  }
  return Math.hypot(SPREAD.stopMs * 1e6, SPREAD.device * device, SPREAD.punch * store_punch, streamed);
}
