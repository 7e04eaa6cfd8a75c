import type { StopTimes } from '../../src/fate/downtime.js';

/** Powers of ten: each digit of a sum counts one kind of work. */
export const powersOfTen: StopTimes = {
  stopNs: 1,
  sendNs: 10,
  sendStreamingNs: 100,
  sendPostcopyNs: 100_000_000_000,
  streamNs: 1_000,
  postcopyNs: 10_000,
  storeNewNs: 100_000,
  storeReplaceNs: 1_000_000,
  storeEarlyNs: 10_000_000,
  openNs: 100_000_000,
  loadNs: 1_000_000_000,
  loadLaterNs: 400_000_000,
  startNs: 10_000_000_000,
};
