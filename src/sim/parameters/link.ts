/** The migration network. Figures and their sources: models/links/. */
import { rows, type Spec } from './row.js';

export const LINK = rows({
  bytesPerS: { path: 'bandwidth', kind: 'rate', help: 'bytes per second that a migration gets through' },
  roundTripNs: { path: 'round-trip', kind: 'time', help: 'round-trip time' },
  /** TCP on loopback: delayed ACK, about 40 ms. */
  stopDelayNs: {
    path: 'stop-delay',
    kind: 'time',
    help: 'fixed delay of the transport inside the stop',
    default: '0s',
  },
});

export type LinkSpec = Spec<typeof LINK> & { readonly name: string };
