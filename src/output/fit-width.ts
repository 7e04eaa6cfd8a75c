/** Text for a terminal of some width: long lines go on in the next, indented; rows of a table break between columns. */

const INDENT = '    ';
/** Below this nothing is gained by breaking lines. */
const WIDTH_MIN = 40;

/** Pieces that stay whole if they can: cells with the blanks before them, or words. */
function pieces(line: string): string[] {
  return line.match(/ {2}\s*\S+(?: \S+)*|\S+(?: \S+)*/g) ?? [line];
}

function words(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [text];
}

function fitLine(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const isRow = /\S {2,}\S/.test(line);
  const lines: string[] = [];
  let current = '';
  const add = (part: string, whole: boolean): void => {
    if (current.length + part.length <= width) current += part;
    else if (whole && part.trim().length + INDENT.length > width)
      for (const word of words(part)) add(word, false);
    else {
      if (current.trim() !== '') lines.push(current.trimEnd());
      current = INDENT + part.trimStart();
    }
  };
  for (const part of isRow ? pieces(line) : words(line)) add(part, isRow);
  if (current.trim() !== '') lines.push(current.trimEnd());
  return lines;
}

/** As it is where the width is unknown (no terminal), so that what is piped has one row a line. */
export function fitWidth(text: string, width: number | undefined): string {
  if (width === undefined || width < WIDTH_MIN) return text;
  return text
    .split('\n')
    .flatMap((line) => fitLine(line, width))
    .join('\n');
}
