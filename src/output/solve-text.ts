/** What `solve` found, in words: one line for each strategy, and what it took. */
import type { Resolved } from '../input/resolve.js';
import { strategyTitle } from '../study/run.js';
import type { Frontier, FrontierPoint } from '../study/solve/frontier.js';
import type { Solved } from '../study/solve/solved.js';
import { valueText } from './quantity-text.js';
import type { DrawTable } from './table.js';

const SENSE = { largest: 'at most', least: 'at least' } as const;

function intervalText({ lo, hi, confidence, unit }: Solved): string {
  if (lo === null || hi === null) return '';
  if (confidence === 1) return 'exact';
  const [low, high] = [valueText(lo, unit), valueText(hi, unit)];
  return low === high ? `95 %: within ${low}` : `95 %: ${low} to ${high}`;
}

function answerText(root: Solved): string {
  const { quantity, unit, state, sense, value } = root;
  if (value === null) return `none fits, whatever ${quantity} is`;
  const shown = valueText(value, unit);
  if (state === 'all-fit') return `all fit, up to the limit of ${shown}`;
  const from = root.fits_from === null ? '' : `${valueText(root.fits_from.value, unit)} to `;
  return from === '' ? `${SENSE[sense!]} ${shown}` : from + shown;
}

const counted = (runs: number): string => Math.round(runs).toLocaleString('en');

function notes(roots: readonly Solved[]): string[] {
  return roots
    .filter(({ fits_again_at }) => fits_again_at !== null)
    .map(
      (root) =>
        `${strategyTitle(root)} fits again from about ${valueText(root.fits_again_at!, root.unit)} on: the stop does not follow ${root.quantity} one way.`,
    );
}

/** The roots of one quantity. */
export function solvedText(roots: readonly Solved[], table: DrawTable): string {
  const { quantity, criterion } = roots[0]!;
  const drawn = table(
    [
      { title: 'strategy' },
      { title: quantity, align: 'right' },
      { title: 'sure' },
      { title: 'runs', align: 'right' },
      { title: 'of a grid', align: 'right' },
    ],
    roots.map((root) => [
      strategyTitle(root),
      answerText(root),
      root.state === 'root' ? intervalText(root) : '',
      counted(root.runs),
      counted(root.grid_runs),
    ]),
  );
  return [`What ${quantity} may be: ${criterion}`, '', drawn, ...notes(roots), ''].join('\n');
}

function pointText({ state, sense, value }: FrontierPoint, unit: string): string {
  if (value === null) return 'none fits';
  const shown = valueText(value, unit);
  return state === 'all-fit' ? `any (${shown})` : `${SENSE[sense!]} ${shown}`;
}

/** The frontier of two quantities: a line for each value of the first, a column for each strategy. */
export function frontierText(resolved: Resolved, frontiers: readonly Frontier[], table: DrawTable): string {
  const { quantities, units, criterion } = frontiers[0]!;
  const values = [...new Set(frontiers.flatMap(({ points }) => points.map(({ at }) => at)))];
  values.sort((a, b) => a - b);
  const drawn = table(
    [
      { title: quantities[0], align: 'right' },
      ...frontiers.map((each) => ({ title: strategyTitle(each), align: 'right' as const })),
    ],
    values.map((at) => [
      valueText(at, units[0]),
      ...frontiers.map(({ points }) => {
        const point = points.find((each) => each.at === at);
        return point ? pointText(point, units[1]) : '-';
      }),
    ]),
  );
  const runs = frontiers.reduce((sum, each) => sum + each.runs, 0);
  const on = `storage ${resolved.question.storage}, ${counted(runs)} runs`;
  return [`What ${quantities[1]} may be for each ${quantities[0]}: ${criterion} (${on})`, '', drawn, ''].join(
    '\n',
  );
}
