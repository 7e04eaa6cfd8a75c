/**
 * Text of users (file names, arguments, words out of files) as a terminal may show it: what would move the cursor,
 * colour the screen or turn the direction of writing is made visible instead.
 */

// C0 and C1 with DEL, marks of direction, line and paragraph separators, the byte order mark.
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;
/** The same but for line ends and tabs: none of it has a place in a title or a name. */
export const MARKS: RegExp = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A quoted value, or a word without a blank, is cut after so many characters. */
const VALUE_MAX = 200;
/** Above anything that is written on purpose (the commands of many missing shards). */
const LINE_MAX = 4000;

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return SHORT[character] ?? (code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** Text of several lines: line ends and tabs stay, every other control character is shown. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/** One line, whatever is quoted in it: control characters shown, long values cut. */
export function oneLine(text: string): string {
  const values = text
    .replace(/(?<=^|[\s(:,])'([^']*)'(?=$|[\s).,:;])/g, (quoted, value: string) =>
      value.length > VALUE_MAX ? `'${cut(value, VALUE_MAX)}'` : quoted,
    )
    .replace(/\S+/g, (word) => (word.length > VALUE_MAX + 8 ? cut(word, VALUE_MAX) : word));
  return cut(values.trim(), LINE_MAX).replace(CONTROL, escaped);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** JSON that a terminal may show: JSON.stringify leaves some control characters as they are, as JSON allows. */
export function printableJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.replace(CONTROL, (character) =>
    character === '\n' ? character : `\\u${hex(character.charCodeAt(0), 4)}`,
  );
}
