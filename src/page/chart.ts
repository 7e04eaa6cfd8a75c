/** What the drawings have in common: their width, scales with ticks, the line of the budget, the key of the phases. */
import { time } from '../output/answer-text.js';
import { PHASE_COLOURS } from '../output/figures/palette.js';
import { PHASES } from '../sim/machine/phases.js';
import { html, svg } from './dom.js';

const WIDTH_MIN = 280;
const WIDTH_MAX = 1000;
/** A phase that takes less of a bar cannot be seen. */
const SEEN_SHARE = 0.002;

/** The width to draw for, so that text has its own size on any screen. */
export function widthOf(place: HTMLElement): number {
  return Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, place.clientWidth));
}

/** A drawing; `title` is what a screen reader says of it. */
export function drawing(width: number, height: number, title: string, ...parts: SVGElement[]): SVGElement {
  const attributes = { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title };
  return svg('svg', attributes, ...parts);
}

/** Round values from 0 on, some five of them. */
function ticksTo(most: number): readonly number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** `300 ms`, and 0 bare. */
const timeTick = (milliseconds: number): string => (milliseconds === 0 ? '0' : time(milliseconds));

export interface TimeAxis {
  readonly at: (milliseconds: number) => number;
  readonly marks: readonly SVGElement[];
}

/** Time from left to right, with its grid; the budget where it lies inside. */
export function timeAxis(
  most: number,
  left: number,
  right: number,
  bottom: number,
  budgetMs: number,
): TimeAxis {
  const at = (milliseconds: number): number => left + ((right - left) * milliseconds) / most;
  const narrow = right - left < 320;
  const ticks = ticksTo(most).filter((_, i) => !narrow || i % 2 === 0);
  const marks = ticks.flatMap((tick) => [
    svg('line', { class: 'grid', x1: at(tick), x2: at(tick), y1: 16, y2: bottom }),
    svg('text', { x: at(tick), y: bottom + 16, 'text-anchor': 'middle' }, timeTick(tick)),
  ]);
  if (budgetMs > most) return { at, marks };
  const anchor = at(budgetMs) > (left + right) / 2 ? 'end' : 'start';
  const budget = [
    svg('line', { class: 'budget', x1: at(budgetMs), x2: at(budgetMs), y1: 16, y2: bottom }),
    svg(
      'text',
      { class: 'budget-text', x: at(budgetMs), y: 12, 'text-anchor': anchor },
      `budget ${time(budgetMs)}`,
    ),
  ];
  return { at, marks: [...marks, ...budget] };
}

/** The budget across a drawing whose time goes up. */
export function budgetAcross(
  y: number,
  left: number,
  right: number,
  budgetMs: number,
): readonly SVGElement[] {
  return [
    svg('line', { class: 'budget', x1: left, x2: right, y1: y, y2: y }),
    svg(
      'text',
      { class: 'budget-text', x: right, y: y - 5, 'text-anchor': 'end' },
      `budget ${time(budgetMs)}`,
    ),
  ];
}

/** In place of a dot, where the guest never stops. */
export function neverMark(x: number, y: number, colour: string, tip: string): SVGElement {
  const look = { x, y, 'text-anchor': 'middle', style: `fill:${colour};font-weight:bold` };
  return svg('text', look, '✕', svg('title', {}, tip));
}

/** What it means, for a key. */
export const NEVER_KEY = { text: '✕ the guest never stops by itself' };

/** What colours mean; without one: of a mark. */
export function keyOf(
  items: readonly { readonly colour?: string | undefined; readonly text: string }[],
): HTMLElement {
  const spot = (colour: string): HTMLElement =>
    html('i', { style: `background:${colour}`, 'aria-hidden': 'true' });
  const rows = items.map(({ colour, text }) =>
    html('li', {}, colour === undefined ? null : spot(colour), text),
  );
  return html('ul', { class: 'key' }, ...rows);
}

/** What the colours of the phases mean, for those that can be seen. */
export function phaseKey(phases: readonly Readonly<Record<string, number>>[]): HTMLElement {
  const total = (each: Readonly<Record<string, number>>): number =>
    Object.values(each).reduce((a, b) => a + b, 0);
  const seen = PHASES.filter((phase) => phases.some((each) => (each[phase] ?? 0) > SEEN_SHARE * total(each)));
  return keyOf(seen.map((phase) => ({ colour: PHASE_COLOURS[phase], text: phase.replace('_', ' ') })));
}
