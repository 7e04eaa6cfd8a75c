/**
 * JSON as it reaches us: one document, several one after the other, one a line, among the notes of a program or the
 * prompts of a shell. A document is an object, or a list of objects or lists; the text around it is passed over, since
 * `[0]` in a note or `[R(5)][46.2%]` in a progress bar is no document.
 */
import { InputError } from '../../base/errors.js';
import { checkDepth } from './files.js';

export interface Documents {
  readonly values: readonly unknown[];
  /** The text ends inside a document. */
  readonly cutOff: boolean;
}

/** Where a document may begin: `{` before a key or its end, `[` before a document or its end. */
const BEGINNING = /\{(?=\s*["}])|\[(?=\s*[[{\]])/g;
const BRACKETS = /"(?:[^"\\]|\\.)*"|["{}[\]]/gs;

/** Just behind the bracket that closes the one at `from`; undefined where none does. */
function endOf(text: string, from: number): number | undefined {
  let depth = 0;
  BRACKETS.lastIndex = from;
  for (let match = BRACKETS.exec(text); match; match = BRACKETS.exec(text)) {
    const [token] = match;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (token === '"') return undefined; // a text that nothing ends
    if (depth === 0) return BRACKETS.lastIndex;
  }
  return undefined;
}

/** fio prints what it cannot divide as `nan`, which JSON does not know; outside of texts it is nothing. */
const withoutNan = (text: string): string => text.replace(/(:\s*)-?(?:nan|inf)\b/gi, '$1null');

function parsed(text: string, line: () => number, where: string): unknown {
  for (const candidate of [text, withoutNan(text)]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // The next one, or the message below.
    }
  }
  throw new InputError(`${where}: the JSON that begins in line ${line()} is broken`);
}

/** All documents of a text, in order; none where it is no JSON at all. */
export function jsonDocuments(text: string, where: string): Documents {
  const values: unknown[] = [];
  BEGINNING.lastIndex = 0;
  for (let match = BEGINNING.exec(text); match; match = BEGINNING.exec(text)) {
    const from = match.index;
    const to = endOf(text, from);
    if (to === undefined) return { values, cutOff: true };
    const value = parsed(text.slice(from, to), () => text.slice(0, from).split('\n').length, where);
    checkDepth(value, where);
    values.push(value);
    BEGINNING.lastIndex = to;
  }
  return { values, cutOff: false };
}
