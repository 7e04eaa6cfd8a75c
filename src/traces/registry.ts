/** Every trace format, in the order in which a file is held against them. A new format is one file and one line here. */
import { InputError } from '../base/errors.js';
import type { TraceFormat, TraceHead } from './format.js';
import { format as alibaba } from './formats/alibaba.js';
import { format as ascii } from './formats/ascii.js';
import { format as blkparse } from './formats/blkparse.js';
import { format as blktrace } from './formats/blktrace.js';
import { format as cloudphysics } from './formats/cloudphysics.js';
import { format as csv } from './formats/csv.js';
import { format as iolog } from './formats/iolog.js';
import { format as msr } from './formats/msr.js';
import { format as nbdkit } from './formats/nbdkit.js';
import { blkparseCustom, OTHER_TOOLS } from './formats/other-tools.js';
import { format as qemu } from './formats/qemu.js';
import { iologV1, iologV2, oracleGeneral } from './formats/refused.js';
import { format as spc } from './formats/spc.js';
import { format as systor } from './formats/systor.js';
import { format as tencent } from './formats/tencent.js';
import { format as vscsi } from './formats/vscsi.js';

const TRACE_FORMATS: readonly TraceFormat[] = [
  qemu,
  iolog,
  iologV2,
  msr,
  cloudphysics,
  systor,
  alibaba,
  tencent,
  spc,
  nbdkit,
  csv,
  blkparse,
  blkparseCustom,
  blktrace,
  vscsi,
  ...OTHER_TOOLS,
  iologV1,
  ascii,
  oracleGeneral,
];

const readable = (): string =>
  TRACE_FORMATS.filter((format) => !format.refused)
    .map((format) => (format.name === 'ascii' ? 'ascii:TIME:OFFSET:SIZE' : format.name))
    .join(', ');

/** A format and what follows its name in `--format name:parameters`. */
export interface NamedFormat {
  readonly format: TraceFormat;
  readonly parameters: string;
}

/** Public collections come without a header; people add one to read them elsewhere. */
function refuseHeader(path: string, head: TraceHead): void {
  const [first = '', ...lines] = head.lines;
  if (!/^[^\d]+$/.test(first)) return;
  const behind = TRACE_FORMATS.find((format) => format.parser && format.detect({ ...head, lines }));
  if (behind && behind !== ascii)
    throw new InputError(
      `${path}: ${behind.name} below a line of column names; leave that out: tail -n +2 ${path} >trace.csv`,
    );
}

/** The format that `--format` names, or, for `auto`, the one that the file's beginning shows. */
export function chooseFormat(path: string, head: TraceHead, named: string, flag = '--format'): NamedFormat {
  const [name, parameters] = named.includes(':')
    ? [named.slice(0, named.indexOf(':')), named.slice(named.indexOf(':') + 1)]
    : [named, ''];
  const format =
    name === 'auto'
      ? TRACE_FORMATS.find((candidate) => candidate.detect(head))
      : TRACE_FORMATS.find((candidate) => candidate.name === name);
  if (!format && name !== 'auto')
    throw new InputError(`${flag}: '${name}' is not one of auto, ${readable()}`);
  if (!format) refuseHeader(path, head);
  if (!format) throw new InputError(`${path}: no known trace format; name one with ${flag}: ${readable()}`);
  if (format.refused) throw new InputError(`${path}: ${format.refused}`);
  if (name === 'auto' && format === ascii)
    throw new InputError(
      `${path}: DiskSim-like lines, whose units stand nowhere; name them: ${flag} ascii:TIME:OFFSET:SIZE, such as ascii:ms:512:512`,
    );
  return { format, parameters };
}
