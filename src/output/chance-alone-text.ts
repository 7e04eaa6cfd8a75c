/** Says what the intervals of a table leave out, and how to see it. */
import { counted } from '../base/counted.js';
import type { Answer } from '../study/answer/answer.js';

/** Empty where no figure is in doubt, or the doubt is told beside. */
export function chanceAloneText(answers: readonly Answer[]): string {
  if (answers.some(({ uncertainty }) => uncertainty)) return '';
  const counts = answers.map(({ doubtful_figures }) => doubtful_figures);
  const most = Math.max(...counts);
  if (most === 0) return '';
  const figures = `${counts.every((count) => count === most) ? '' : 'up to '}${counted(most, 'figure')}`;
  return `Intervals and shares over the budget are of chance alone: ${figures} of the presets may be off as well (--uncertainty says how far that takes the stop).`;
}
