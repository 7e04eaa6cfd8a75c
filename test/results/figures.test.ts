/** The figures that ship: nothing written in them is cut off at an edge. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';

/** Mean width of a DejaVu Sans character over its size. */
const CHARACTER = 0.56;

/** As much of an element as is looked at here; the tests are compiled without a browser's types. */
interface Part {
  readonly parentElement: Part | null;
  getAttribute(name: string): string | null;
}

/** Where an element begins from the left: what it and all around it are moved by. */
function leftOf(element: Part | null): number {
  if (!element) return 0;
  const moved = /translate\(([-\d.]+)/.exec(element.getAttribute('transform') ?? '')?.[1];
  return Number(moved ?? 0) + Number(element.getAttribute('x') ?? 0) + leftOf(element.parentElement);
}

/** What holds of a text: of the nearest element that says so, in its style before its attribute. */
function around(element: Part | null, name: string): string | undefined {
  if (!element) return undefined;
  const styled = new RegExp(`${name}: *([^;]+)`).exec(element.getAttribute('style') ?? '')?.[1];
  return styled ?? element.getAttribute(name) ?? around(element.parentElement, name);
}

const FIGURES = readdirSync('results', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.svg'))
  .map((file) => `results/${file}`)
  .sort();

test.each(FIGURES)('%s', (file) => {
  const { document } = parseHTML(readFileSync(file, 'utf8'));
  const width = Number(document.querySelector('svg')!.getAttribute('width'));
  const texts = [...document.querySelectorAll('text')];
  expect(texts.length).toBeGreaterThan(5);
  const cut = texts.filter((text) => {
    const lines = text.querySelectorAll('tspan').length > 0 ? [...text.querySelectorAll('tspan')] : [text];
    const characters = Math.max(...lines.map((line) => line.textContent!.length));
    const long = characters * CHARACTER * Number.parseFloat(around(text, 'font-size') ?? '12');
    const anchor = around(text, 'text-anchor');
    const left = leftOf(text) - (anchor === 'end' ? long : anchor === 'middle' ? long / 2 : 0);
    return left < 0 || left + long > width;
  });
  expect(cut.map((text) => text.textContent)).toEqual([]);
});
