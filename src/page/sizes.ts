/** Downtime over the size of the disk, a line a strategy, both scales logarithmic, with the budget across. */
import { formatSize } from '../base/units.js';
import { time } from '../output/answer-text.js';
import { isReference, variantNamed } from '../sim/strategies/lookup.js';
import { budgetAcross, drawing, keyOf, NEVER_KEY, neverMark, widthOf } from './chart.js';
import { svg } from './dom.js';
import type { SizePoint } from './protocol.js';

const HEIGHT = 300;
const [TOP, BOTTOM, LEFT, RIGHT_ROOM] = [16, HEIGHT - 34, 58, 18];

type Told = SizePoint['strategies'][number];
const colourOf = ({ strategy, variant }: Told): string => variantNamed(strategy, variant).colour;

interface Scale {
  readonly at: (value: number) => number;
}

const logScale = (least: number, most: number, from: number, to: number): Scale => ({
  at: (value) => from + ((to - from) * Math.log(value / least)) / Math.log(most / least),
});

function grid(
  x: Scale,
  y: Scale,
  points: readonly SizePoint[],
  range: readonly [number, number],
  right: number,
): SVGElement[] {
  const decades: number[] = [];
  for (let power = Math.ceil(Math.log10(range[0])); power <= Math.log10(range[1]); power++)
    decades.push(10 ** power);
  const every = right - LEFT < 420 ? 2 : 1;
  return [
    ...decades.flatMap((ms) => [
      svg('line', { class: 'grid', x1: LEFT, x2: right, y1: y.at(ms), y2: y.at(ms) }),
      svg('text', { x: LEFT - 6, y: y.at(ms) + 4, 'text-anchor': 'end' }, time(ms)),
    ]),
    ...points
      .filter((_, i) => i % every === 0)
      .map(({ diskBytes }) =>
        svg('text', { x: x.at(diskBytes), y: BOTTOM + 20, 'text-anchor': 'middle' }, formatSize(diskBytes)),
      ),
  ];
}

/** A line with its dots; where the guest never stops there is a cross at the top. */
function line(told: Told, points: readonly SizePoint[], x: Scale, y: Scale): SVGElement[] {
  const colour = colourOf(told);
  const own = points.map(({ diskBytes, strategies }) => ({
    diskBytes,
    downtimeMs: strategies.find((each) => each.name === told.name)?.downtimeMs ?? null,
  }));
  const stopping = own.flatMap(({ diskBytes, downtimeMs }) =>
    downtimeMs === null ? [] : [{ diskBytes, downtimeMs }],
  );
  const path = stopping
    .map(({ diskBytes, downtimeMs }) => `${x.at(diskBytes)},${y.at(downtimeMs)}`)
    .join(' ');
  const tip = (text: string): SVGElement => svg('title', {}, `${told.name}, ${text}`);
  return [
    svg('polyline', { points: path, fill: 'none', stroke: colour, 'stroke-width': 2 }),
    ...stopping.map(({ diskBytes, downtimeMs }) =>
      svg(
        'circle',
        { cx: x.at(diskBytes), cy: y.at(downtimeMs), r: 4, fill: colour },
        tip(`${formatSize(diskBytes)}: ${time(downtimeMs)}`),
      ),
    ),
    ...own
      .filter(({ downtimeMs }) => downtimeMs === null)
      .map(({ diskBytes }) =>
        neverMark(x.at(diskBytes), TOP + 10, colour, `${told.name}, ${formatSize(diskBytes)}: never stops`),
      ),
  ];
}

/** Draws what there is of the curve. */
export function drawSizes(place: HTMLElement, points: readonly SizePoint[], budgetMs: number): void {
  if (points.length < 2) return;
  const width = widthOf(place);
  const right = width - RIGHT_ROOM;
  const told = points.at(-1)!.strategies.filter(({ strategy }) => !isReference(strategy));
  const times = points.flatMap(({ strategies }) => strategies.flatMap(({ downtimeMs }) => downtimeMs ?? []));
  const range = [Math.min(...times, budgetMs) / 1.5, Math.max(...times, budgetMs) * 2] as const;
  const x = logScale(points[0]!.diskBytes, points.at(-1)!.diskBytes, LEFT + 14, right - 14);
  const y = logScale(range[0], range[1], BOTTOM, TOP);
  const lines = told.flatMap((each) => line(each, points, x, y));
  const never = points.some(({ strategies }) => strategies.some(({ downtimeMs }) => downtimeMs === null));
  const key = told.map((each) => ({ colour: colourOf(each), text: each.name }));
  place.replaceChildren(
    drawing(
      width,
      HEIGHT,
      'Downtime over the size of the disk',
      ...grid(x, y, points, range, right),
      ...budgetAcross(y.at(budgetMs), LEFT, right, budgetMs),
      ...lines,
    ),
    keyOf([...key, ...(never ? [NEVER_KEY] : [])]),
  );
}
