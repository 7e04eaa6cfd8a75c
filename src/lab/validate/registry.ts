/** The kinds of measured files. A new kind is one file and one line here. */
import { InputError } from '../../base/errors.js';
import { dirtyRunsKind, dirtyWindowsKind } from './dirty-kinds.js';
import { fileKind } from './file.js';
import { handoverKind } from './handover.js';
import type { ReadSibling, ValidationKind, ValidationOptions, ValidationReport } from './kind.js';
import { mirrorKind } from './mirror.js';
import { mirrorWritesKind } from './mirror-writes.js';
import { opcountsKind } from './opcounts.js';
import { outcomesKind } from './outcomes.js';
import { preFlushKind } from './preflush-kind.js';
import { ramKind } from './ram.js';
import { readMeasured } from './rows.js';
import { spellsKind } from './spells.js';
import { stacksKind } from './stacks.js';
import { storeKind } from './store.js';
import { togetherKind } from './together.js';

const VALIDATION_KINDS: readonly ValidationKind[] = [
  storeKind,
  handoverKind,
  opcountsKind,
  fileKind,
  dirtyWindowsKind,
  dirtyRunsKind,
  preFlushKind,
  outcomesKind,
  ramKind,
  mirrorKind,
  mirrorWritesKind,
  stacksKind,
  spellsKind,
  togetherKind,
];

/** Predicts every row of the file's text; throws InputError for a file of no known kind. */
export function validate(
  text: string,
  name: string,
  options: ValidationOptions,
  sibling: ReadSibling,
): ValidationReport & { readonly kind: string } {
  const table = readMeasured(text, name);
  const kind = VALIDATION_KINDS.find(({ columns }) => columns.every((column) => table.columns.has(column)));
  if (!kind)
    throw new InputError(
      `${name}: no kind of measured file has these columns; known are ${VALIDATION_KINDS.map(({ name: known, columns }) => `${known} (${columns.join(', ')})`).join(', ')}`,
    );
  return { kind: kind.name, ...kind.validate(table, options, sibling) };
}
