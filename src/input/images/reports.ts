/**
 * What a text for `--image` holds: reports of qemu-img and replies of QMP, however they were collected. A list is as
 * good as its items, and a transcript as good as its replies; events, greetings and replies to other questions are
 * passed over.
 */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';
import { jsonDocuments } from '../values/documents.js';
import { WHAT } from './image.js';
import { otherDocument, refuseText } from './other-text.js';

const KINDS = ['info', 'node', 'device', 'map', 'check', 'measure'] as const;
type ReportKind = (typeof KINDS)[number];

export interface Report {
  readonly kind: ReportKind;
  /** The report; the extents of a map are in `extents`. */
  readonly tree: Tree;
  /** Where it was read, for messages. */
  readonly where: string;
}

const PASSED_OVER = ['QMP', 'event', 'execute', 'exec-oob', 'error'];

/** The kind of an object, from the keys that no other kind has; asked in this order. */
const SIGNS: readonly (readonly [ReportKind, (tree: Tree) => boolean])[] = [
  ['node', (tree) => 'node-name' in tree && 'drv' in tree],
  ['device', (tree) => 'inserted' in tree || 'locked' in tree],
  ['check', (tree) => 'check-errors' in tree],
  ['measure', (tree) => 'fully-allocated' in tree],
  ['info', (tree) => 'format' in tree],
];

const isMap = (list: readonly unknown[]): boolean =>
  list.length > 0 && list.every((item) => isTree(item) && 'start' in item && 'length' in item);

/** `inReply`: QEMU answers other questions too, and their replies are nobody's mistake. */
function reportsIn(value: unknown, where: string, inReply: boolean): readonly Report[] {
  if (Array.isArray(value)) {
    if (isMap(value)) return [{ kind: 'map', tree: { extents: value }, where }];
    return value.flatMap((item) => reportsIn(item, where, inReply));
  }
  if (!isTree(value)) return [];
  if ('return' in value) return reportsIn(value.return, where, true);
  const other = otherDocument(value);
  if (other !== undefined && !inReply) throw new InputError(`${where}: not a report of QEMU, but ${other}`);
  const kind = SIGNS.find(([, shows]) => shows(value))?.[0];
  if (kind !== undefined) return [{ kind, tree: value, where }];
  if (inReply || PASSED_OVER.some((key) => key in value)) return [];
  throw new InputError(`${where}: not ${WHAT}`);
}

/** All reports of a text, in order; at least one. */
export function reportsOf(text: string, where: string): readonly Report[] {
  const { values, cutOff } = jsonDocuments(text, where);
  if (cutOff) throw new InputError(`${where}: ends in the middle of its JSON (cut off?)`);
  if (values.length === 0) refuseText(text, where);
  const reports = values.flatMap((value) => reportsIn(value, where, false));
  if (reports.length === 0) throw new InputError(`${where}: no disk in it; expected ${WHAT}`);
  return reports;
}
