/** Both ends of a mirror, and the volumes of both, are on one machine of the lab. */
import type { LinkSpec } from '../../sim/scenario.js';

/** What lies between them takes no time of its own. */
export const SOCKET: LinkSpec = {
  name: 'socket',
  bytesPerS: Number.POSITIVE_INFINITY,
  roundTripNs: 0,
  stopDelayNs: 0,
};

/** Two QEMUs and two volumes on two processors: times vary by this share at least. */
export const SHARED_CORES = 0.05;
