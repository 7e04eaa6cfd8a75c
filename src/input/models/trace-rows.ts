/** How a recorded guest is replayed: `workload.trace.*` of a scenario. Apart, so that help texts need not load the readers. */
import { rows } from '../../sim/parameters/row.js';

export const TRACE = rows({
  format: {
    path: 'trace.format',
    flag: 'trace-format',
    kind: 'text',
    help: 'a trace: its format, where the file does not show it (ascii:ms:512:512 names the units)',
    default: 'auto',
  },
  device: {
    path: 'trace.device',
    flag: 'trace-device',
    kind: 'text',
    help: 'a trace: only this device',
    optional: true,
  },
  startNs: {
    path: 'trace.start',
    flag: 'trace-start',
    kind: 'time',
    help: 'a trace: where the replay starts',
    default: '0s',
  },
  loop: {
    path: 'trace.loop',
    flag: 'trace-loop',
    kind: 'switch',
    help: 'a trace: start again at its end',
    default: 'on',
  },
  rate: {
    path: 'trace.rate',
    flag: 'trace-rate',
    kind: 'number',
    help: 'a trace: how many times the speed of the recording',
    default: '1',
    min: Number.MIN_VALUE,
    allowed: 'above 0',
  },
  stretch: {
    path: 'trace.stretch',
    flag: 'trace-stretch',
    kind: 'switch',
    help: 'a trace: spread its offsets over the disk by a whole-number factor',
    default: 'off',
  },
});
