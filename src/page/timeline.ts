/** One stop in time: what the source, the link and the destination do one after the other, until the guest runs again. */
import { time } from '../output/answer-text.js';
import { PHASE_COLOURS } from '../output/figures/palette.js';
import { PHASE_MEANING, PHASES, type PhaseName } from '../sim/machine/phases.js';
import type { StrategyAnswer } from '../study/answer/summary.js';
import { strategyTitle } from '../study/run.js';
import { drawing, timeAxis, widthOf } from './chart.js';
import { svg } from './dom.js';

const LANES = ['source', 'link', 'destination'] as const;

const LANE_OF: Readonly<Record<PhaseName, (typeof LANES)[number]>> = {
  stop: 'source',
  mirror: 'source',
  ram: 'link',
  devices: 'link',
  stream: 'link',
  store_qemu: 'source',
  store_scan: 'source',
  store_data: 'source',
  store_metadata: 'source',
  store_flush: 'source',
  store_punch: 'source',
  switch: 'link',
  load: 'destination',
  start: 'destination',
};

/** QEMU before 10.0 stores while it ends the migration's last phase: after RAM and devices; `storeFirst`: before them. */
function inOrder(storeFirst: boolean): readonly PhaseName[] {
  if (!storeFirst) return PHASES;
  const isStore = (phase: PhaseName): boolean => phase.startsWith('store_');
  const rest = PHASES.filter((phase) => !isStore(phase));
  return ['stop', ...PHASES.filter(isStore), ...rest.filter((phase) => phase !== 'stop')];
}

const TOP = 22;
const ROW = 40;
const LEFT = 84;
const RIGHT_ROOM = 24;
const LABEL_WIDTH = 58;

/** Draws the mean stop of a strategy. */
export function drawTimeline(
  place: HTMLElement,
  s: StrategyAnswer,
  budgetMs: number,
  storeFirst: boolean,
): void {
  const width = widthOf(place);
  const bottom = TOP + ROW * LANES.length;
  const axis = timeAxis(
    Math.max(s.downtime_ms.mean * 1.02, 1e-6),
    LEFT,
    width - RIGHT_ROOM,
    bottom,
    budgetMs,
  );
  const lanes = LANES.map((lane, i) => svg('text', { x: 0, y: TOP + i * ROW + 22 }, lane));
  let from = 0;
  const said: string[] = [];
  const pieces = inOrder(storeFirst).flatMap((phase) => {
    const ms = s.phases_ms[phase];
    if (ms <= 0) return [];
    const [x, y] = [axis.at(from), TOP + LANES.indexOf(LANE_OF[phase]) * ROW + 6];
    from += ms;
    const wide = axis.at(from) - x;
    const name = phase.replace('_', ' ');
    said.push(`${name} ${time(ms)}`);
    const tip = svg('title', {}, `${name}: ${time(ms)} – ${PHASE_MEANING[phase]}`);
    const block = svg(
      'rect',
      { x, y, width: Math.max(wide, 0.5), height: 16, fill: PHASE_COLOURS[phase] },
      tip,
    );
    return wide < LABEL_WIDTH ? [block] : [block, svg('text', { x: x + 2, y: y + 29, class: 'quiet' }, name)];
  });
  const title = `The stop under ${strategyTitle(s)}, in order: ${said.join(', ')}`;
  place.replaceChildren(drawing(width, bottom + 24, title, ...axis.marks, ...lanes, ...pieces));
}
