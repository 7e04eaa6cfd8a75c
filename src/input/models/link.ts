import type { Row } from '../../sim/parameters/row.js';
import type { LinkSpec } from '../../sim/scenario.js';
import type { Values } from '../values/fields.js';

/** What a link preset says (models/links/*.yaml): the migration network. */
export const LINK_FIELDS: readonly Row[] = [
  { path: 'bandwidth', kind: 'rate', help: 'bytes per second that a migration gets through' },
  { path: 'round-trip', kind: 'time', help: 'round-trip time' },
  { path: 'stop-delay', kind: 'time', help: 'fixed delay of the transport inside the stop', default: '0s' },
];

/** The migration link of a preset's values. */
export function linkFrom(values: Values, name: string): LinkSpec {
  return {
    name,
    bytesPerS: values.number('bandwidth'),
    roundTripNs: values.number('round-trip'),
    stopDelayNs: values.number('stop-delay'),
  };
}
