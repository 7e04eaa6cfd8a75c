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
  // Who reads what is piped breaks lines.
  const broken = (how: (text: string, width: number) => string, text: string): string =>
    width === undefined ? text : how(text, width);
  const paragraph = finding === undefined ? [] : [broken(wrapped, finding.replace(/\s+/g, ' ')), ''];
  const sentences = answer.map((text) => broken(fitWidth, `- ${text}`));
  return [...paragraph, ...sentences].map((text) => `${text}\n`).join('');
}
