/** How a recorded guest is replayed: `workload.trace.*` of a scenario. Apart, so that help texts need not load the readers. */
import type { Field } from '../kinds.js';

export const TRACE_FIELDS: readonly Field[] = [
  {
    path: 'trace.format',
    kind: 'text',
    help: 'format of the trace, where it does not show',
    default: 'auto',
  },
  { path: 'trace.device', kind: 'text', help: 'only this device of the trace', optional: true },
  { path: 'trace.start', kind: 'time', help: 'where in the trace the replay begins', default: '0s' },
  { path: 'trace.loop', kind: 'switch', help: 'begin again at its end', default: 'on' },
  {
    path: 'trace.rate',
    kind: 'number',
    help: 'times the speed of the recording',
    default: '1',
    min: Number.MIN_VALUE,
    allowed: 'above 0',
  },
  {
    path: 'trace.stretch',
    kind: 'switch',
    help: 'spread the offsets over the whole disk by a whole factor',
    default: 'off',
  },
];
