/**
 * HTML and SVG as a template that escapes every hole by itself: markup`<p>${anything}</p>`. What goes in unescaped is
 * markup made the same way, or text of ours that somebody declared trusted, which a reader can look for.
 */
import { printable } from '../base/printable.js';

/** Text that is markup already. Made by `markup` and `trusted` only. */
class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type { Markup };

type Hole = string | number | Markup | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function filled(hole: Hole): string {
  if (hole instanceof Markup) return hole.text;
  if (typeof hole === 'object') return hole.map(filled).join('');
  // Control characters are no characters of XML at all, escaped or not.
  return printable(String(hole)).replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/** The template. */
export function markup(parts: TemplateStringsArray, ...holes: readonly Hole[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...holes.map(filled)));
}

/** Markup made elsewhere, by our own code: a drawing of Plot, a style sheet. Never what a user gave. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** Pieces, each on a line of its own. */
export function lines(pieces: readonly Markup[]): Markup {
  return new Markup(pieces.map(({ text }) => text).join('\n'));
}
