/** Prose for a terminal of some width: what is too long for a line goes on in the next, indented. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { keepUnits } from '../base/units.js';

const INDENT = '    ';

/** Text in lines of so many columns, broken between words; a word that is longer than a line, inside. */
export function wrapped(text: string, width: number): string {
  return wrapAnsi(keepUnits(text), width, { hard: true }).replaceAll('\u00a0', ' ');
}

function fitLine(line: string, width: number): string {
  if (stringWidth(line) <= width) return line;
  const start = /^ */.exec(line)![0];
  const lines = wrapped(line.slice(start.length), width - start.length - INDENT.length).split('\n');
  return start + lines.join(`\n${start}${INDENT}`);
}

/** Each line of the text, and what of it goes on. */
export function fitWidth(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => fitLine(line, width))
    .join('\n');
}
