/** What a sweep answers, for a terminal, in the words of its report: what was found, then a sentence for each figure and strategy. */
import { fitWidth, wrapped } from './fit-width.js';

export interface SweepAnswer {
  /** A paragraph. */
  readonly finding?: string;
  /** Sentences. */
  readonly answer: readonly string[];
}

/** Fitted to so many columns; each paragraph is one line where the width is not known. */
export function sweepText({ finding, answer }: SweepAnswer, width: number | undefined): string {
  const line = finding?.replace(/\s+/g, ' ');
  const paragraph = line === undefined ? [] : [width === undefined ? line : wrapped(line, width), ''];
  const sentences = answer.map((text) => fitWidth(`- ${text}`, width));
  return [...paragraph, ...sentences].map((text) => `${text}\n`).join('');
}
