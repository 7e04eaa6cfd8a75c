/** The phases of the stop as bars, one a strategy, on one scale of time. */
import { time, VERDICT_WORDS } from '../output/answer-text.js';
import { PHASE_COLOURS } from '../output/figures/palette.js';
import { PHASE_MEANING, PHASES } from '../sim/machine/phases.js';
import type { Answer } from '../study/answer/answer.js';
import type { StrategyAnswer } from '../study/answer/summary.js';
import { strategyTitle } from '../study/run.js';
import { drawing, phaseKey, timeAxis, widthOf } from './chart.js';
import { svg } from './dom.js';

const ROW = 44;
const BAR = 18;
const TOP = 20;
/** Half of a zero. */
const LEFT = 5;
const VALUE_ROOM = 84;

function bar(s: StrategyAnswer, y: number, at: (milliseconds: number) => number): readonly SVGElement[] {
  const name = svg('text', { x: 0, y: y + 13 }, strategyTitle(s));
  if (s.state !== 'completed')
    return [
      name,
      svg('text', { class: 'budget-text', x: at(0), y: y + 32 }, `✕ ${VERDICT_WORDS[s.verdict]}`),
    ];
  let from = 0;
  const pieces = PHASES.flatMap((phase) => {
    const ms = s.phases_ms[phase];
    const x = at(from);
    from += ms;
    if (ms <= 0) return [];
    const tip = svg('title', {}, `${phase.replace('_', ' ')}: ${time(ms)} – ${PHASE_MEANING[phase]}`);
    return svg('rect', { x, y: y + 18, width: at(from) - x, height: BAR, fill: PHASE_COLOURS[phase] }, tip);
  });
  const value = svg('text', { x: at(from) + 6, y: y + 18 + BAR / 2 + 4 }, time(s.downtime_ms.mean));
  return [name, ...pieces, value];
}

/** Draws them into `place`. */
export function drawPhases(
  place: HTMLElement,
  { strategies, budget_ms }: Pick<Answer, 'strategies' | 'budget_ms'>,
): void {
  const width = widthOf(place);
  const stopping = strategies.filter(({ state }) => state === 'completed');
  const longest = Math.max(...stopping.map((s) => s.downtime_ms.mean), 0);
  // The budget is on the scale unless it would crush the bars.
  const most = Math.max(longest, budget_ms < 4 * longest || longest === 0 ? budget_ms : 0) * 1.02;
  const bottom = TOP + ROW * strategies.length + 6;
  const axis = timeAxis(most, LEFT, width - VALUE_ROOM, bottom, budget_ms);
  const bars = strategies.flatMap((s, i) => bar(s, TOP + i * ROW, axis.at));
  const title = `Phases of the stop: ${stopping.map((s) => `${strategyTitle(s)} ${time(s.downtime_ms.mean)}`).join(', ')}`;
  place.replaceChildren(
    drawing(width, bottom + 24, title, ...axis.marks, ...bars),
    phaseKey(stopping.map((s) => s.phases_ms)),
  );
}
