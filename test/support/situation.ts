/** Small situations for tests, resolved as the command line would, so that defaults are the product's own. */
import { type Overrides, type Resolved, resolve } from '../../src/input/resolve.js';

/** A situation in which nothing is random: constant 1 ms per request, RAM as fast as ever, an idle guest, a full or empty bitmap. */
export function calm(overrides: Overrides = {}): Promise<Resolved> {
  return resolve(
    {},
    { storage: 'ideal-1ms', workload: 'idle', 'bitmaps.dirty': '100%', 'host.ram-spread': 0, ...overrides },
  );
}
