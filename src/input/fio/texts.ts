/** What fio leaves behind, told from its look: results as JSON are read, what is for people is refused with the flag. */
import { InputError } from '../../base/errors.js';

/** What fio prints that is read, for messages. */
export const EXPECTED = 'the output of fio --output-format=json';

const JSON_LOOK = /^\s*[{[]|"fio version"/;
/** `time, value, direction, block size[, offset[, priority]]` of write_lat_log; histograms have more columns. */
const LOG_LOOK = /^\s*\d+, ?\d+, ?[0-3], ?\d+(, ?\d+)*\s*$/m;
/** `time, direction, block size, count, count, …` of write_hist_log. */
const HISTOGRAM_LOOK = /^\s*\d+, ?[0-3], ?\d+(?:, ?\d+){50,}/;
const TERSE_LOOK = /^\d;fio-\d/m;
const PLAIN_LOOK = /^fio-\d[\w.-]*$|\(groupid=\d+, jobs=\d+\): err=/m;

/** True of any text that fio wrote about a run, readable or not. */
export function isFioResult(text: string): boolean {
  const head = text.slice(0, 65_536);
  return JSON_LOOK.test(text) || isFioLog(head) || TERSE_LOOK.test(head) || PLAIN_LOOK.test(head);
}

/** True of a log of requests: its first line tells of one, or of many in a histogram. */
export function isFioLog(text: string): boolean {
  const [first = ''] = text.slice(0, 65_536).split('\n');
  return LOG_LOOK.test(first) || HISTOGRAM_LOOK.test(first);
}

/** Other tools that time a storage, told from their look. */
const OTHER_TOOLS: readonly (readonly [look: RegExp, tool: string])[] = [
  [/<Results>[\s\S]*<(System|Profile)\b|^Command Line: diskspd/m, 'diskspd'],
  [/^\s*Iozone: Performance Test/m, 'iozone'],
  [/^\d+\+\d+ records in$/m, 'dd'],
  [/^--- .* ioping statistics ---|: request=\d+ time=/m, 'ioping'],
  [/^Maintaining \d+ concurrent (writes|reads)/m, 'rados bench'],
  [/^sysbench \d/m, 'sysbench'],
  [/^elapsed:? .*ops:|^bench\s+type (write|read)/m, 'rbd bench'],
];

/** The error for a text without JSON. */
export function refuseText(text: string, where: string): never {
  const known = TERSE_LOOK.test(text)
    ? "fio's terse output, which has no distribution of each direction"
    : PLAIN_LOOK.test(text)
      ? "fio's output for people"
      : undefined;
  const tool = OTHER_TOOLS.find(([look]) => look.test(text))?.[1];
  if (known === undefined && tool !== undefined)
    throw new InputError(
      `${where}: the output of ${tool}, which does not say what one write at a time takes and what a flush does: ` +
        'measure with fio (--output-format=json) or stopgap calibrate DIR',
    );
  throw new InputError(
    known === undefined
      ? `${where}: not JSON, so not ${EXPECTED}`
      : `${where}: ${known}: run fio with --output-format=json (or json+, which keeps the whole distribution)`,
  );
}
