/** A stack preset (models/stacks/*.yaml): what software above QEMU decides about bitmaps and the switchover. */
import { MIGRATION } from '../../sim/parameters/migration.js';
import { RAMP } from '../../sim/parameters/ramp.js';
import { overriding, type Row, type Rows } from '../../sim/parameters/row.js';
import { COURSE } from '../parameters/course.js';
import { SITUATION } from '../parameters/situation.js';

/** Of a stack every value is cited, names and switches too: somebody else decided it. */
const cited = (row: Row): Row => ({ ...overriding(row), cited: true });

const { strategies, qemu } = COURSE;
const { granularityBytes, discard, dataFile } = SITUATION;
const SET: Rows = { strategies, qemu, ...MIGRATION, ...RAMP, granularityBytes, discard, dataFile };

export const STACK: Rows = {
  ...Object.fromEntries(Object.entries(SET).map(([field, row]) => [field, cited(row)])),
  persistent: {
    path: 'persistent',
    kind: 'switch',
    optional: true,
    cited: true,
    help: 'whether its bitmaps are in the image, so that they outlive the process',
  },
  lacks: {
    path: 'lacks',
    kind: 'text',
    optional: true,
    cited: true,
    help: 'what the stack does not do, or is left out here',
  },
};
