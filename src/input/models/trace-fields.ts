/** How a recorded guest is replayed: `workload.trace.*` of a scenario. Apart, so that help texts need not load the readers. */
import type { Row } from '../../sim/parameters/row.js';

export const TRACE_FIELDS: readonly Row[] = [
  {
    path: 'trace.format',
    kind: 'text',
    help: 'a trace as workload: its format, where it does not show (ascii:ms:512:512 names units)',
    default: 'auto',
  },
  { path: 'trace.device', kind: 'text', help: 'a trace: only this device of it', optional: true },
  { path: 'trace.start', kind: 'time', help: 'a trace: where in it the replay begins', default: '0s' },
  { path: 'trace.loop', kind: 'switch', help: 'a trace: begin again at its end', default: 'on' },
  {
    path: 'trace.rate',
    kind: 'number',
    help: 'a trace: times the speed of the recording',
    default: '1',
    min: Number.MIN_VALUE,
    allowed: 'above 0',
  },
  {
    path: 'trace.stretch',
    kind: 'switch',
    help: 'a trace: spread its offsets over the whole disk by a whole factor',
    default: 'off',
  },
];
