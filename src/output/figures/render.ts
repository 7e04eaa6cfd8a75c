/**
 * A drawing to SVG text and PNG bytes, the same bytes for the same input: Observable Plot on a document of
 * linkedom, a heading above it, and for PNG resvg with the fonts that the build made (scripts/fonts.mjs), none of the machine's.
 */
import { fileURLToPath } from 'node:url';
import type { PlotOptions } from '@observablehq/plot';
import { printable } from '../../base/printable.js';
import { keepUnits } from '../../base/units.js';
import { PACKAGE_ROOT } from '../../input/values/package-root.js';
import { type Markup, markup, trusted } from '../markup.js';
import { GREY, INK } from './palette.js';

/** What a figure file makes: the finding as title, how to read it as subtitle, and marks for Plot. */
export interface Drawing {
  readonly title: string;
  readonly subtitle: string;
  /** What is the same for all of it; a line of its own below the subtitle. */
  readonly conditions?: string;
  /** Of each line or bar what it says, for readers of words. */
  readonly answers?: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Options of Plot.plot; marks must not use clip paths, whose ids count up. */
  readonly options: PlotOptions;
}

const MARGIN = 20;
const TITLE_PX = 17;
const SUBTITLE_PX = 12;
const LINE_HEIGHT = 1.3;
/** Mean width of a DejaVu Sans character over its size, bold and regular: text has no other measure here. */
const BOLD_WIDTH = 0.66;
const REGULAR_WIDTH = 0.56;
const FONT = "'DejaVu Sans', Verdana, sans-serif";

/** Breaks text into lines of about `widthPx`. */
export function wrapText(text: string, widthPx: number, charPx: number): string[] {
  const most = Math.max(10, Math.floor(widthPx / charPx));
  const lines: string[] = [];
  for (const word of keepUnits(text).split(/[ \n]+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function textLines(lines: readonly string[], y: number, px: number, attributes: Markup): readonly Markup[] {
  const at = (i: number): number => Math.round(y + px + i * px * LINE_HEIGHT);
  return lines.map(
    (line, i) => markup`<text x="${MARGIN}" y="${at(i)}" font-size="${px}" ${attributes}>${line}</text>`,
  );
}

/** Rounds the coordinates that Plot leaves with 16 digits: a hundredth of a pixel, at a third of the size. */
function rounded(svg: string): string {
  return svg.replace(/(?<=[\s,("MLHVCSQTAZ-])\d+\.\d{3,}/g, (digits) =>
    String(Math.round(Number(digits) * 100) / 100),
  );
}

/** The drawing as SVG text: one file, nothing outside it needed. */
export async function renderSvg(drawing: Drawing): Promise<string> {
  const [{ plot }, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<html></html>');
  const inner = plot({
    ...drawing.options,
    document,
    width: drawing.width - 2 * MARGIN,
    height: drawing.height,
    style: { fontFamily: FONT, fontSize: '12px', color: INK, background: 'none' },
    className: 'plot',
  });
  const svg = inner.nodeName.toLowerCase() === 'svg' ? inner : inner.querySelector('svg')!;
  svg.querySelector('style')?.remove();
  const title = wrapText(drawing.title, drawing.width - 2 * MARGIN, TITLE_PX * BOLD_WIDTH);
  const subtitle = [drawing.subtitle, drawing.conditions ?? '']
    .filter((text) => text !== '')
    .flatMap((text) => wrapText(text, drawing.width - 2 * MARGIN, SUBTITLE_PX * REGULAR_WIDTH));
  const subtitleTop = MARGIN / 2 + title.length * TITLE_PX * LINE_HEIGHT + 4;
  const plotTop = Math.round(subtitleTop + subtitle.length * SUBTITLE_PX * LINE_HEIGHT + 10);
  const height = plotTop + drawing.height + 8;
  // Plot escapes what it draws, but lets characters pass that no XML may hold.
  const body = rounded(printable(svg.outerHTML)).replace(/^<svg /, `<svg x="${MARGIN}" y="${plotTop}" `);
  const [bold, grey] = [markup`font-weight="bold" fill="${INK}"`, markup`fill="${GREY}"`];
  const drawn = markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${drawing.width} ${height}" width="${drawing.width}" height="${height}" font-family="${FONT}" role="img"><title>${drawing.title}</title><rect width="100%" height="100%" fill="white"/>${textLines(title, MARGIN / 2, TITLE_PX, bold)}${textLines(subtitle, subtitleTop, SUBTITLE_PX, grey)}${trusted(body)}</svg>`;
  return `${drawn}\n`;
}

const PNG_SCALE = 2;

/** The SVG as PNG, at twice its size. */
export async function renderPng(svg: string): Promise<Buffer> {
  const { Resvg } = await import('@resvg/resvg-js');
  const font = (name: string): string => fileURLToPath(new URL(`dist/fonts/${name}.ttf`, PACKAGE_ROOT));
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: PNG_SCALE },
    font: {
      loadSystemFonts: false,
      fontFiles: [font('DejaVuSans'), font('DejaVuSans-Bold')],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
  });
  return image.render().asPng();
}
