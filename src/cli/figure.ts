/** The option `--figure`: one drawing into a file of the user's. */
import { FORCE } from '../files/output.js';
import type { Drawing } from '../output/figures/render.js';

/** Where the drawing goes, and whether it may replace what is there; the other options may name files that are read. */
export interface FigureFlags extends Readonly<Record<string, unknown>> {
  readonly figure?: string | undefined;
  readonly force: boolean;
}

/** The two options, in the order of the help. */
export const FIGURE = {
  figure: { type: 'string', requiresArg: true, describe: 'draw it, as .svg or .png' },
  force: FORCE,
} as const;

/**
 * Claims the file before anything is computed (InputError where it may not be written, or another option names it), and
 * gives what draws into it; undefined where no figure is asked for.
 */
export async function claimedFigure({
  figure,
  force,
  ...others
}: FigureFlags): Promise<((drawing: Drawing) => Promise<void>) | undefined> {
  if (figure === undefined) return undefined;
  const inputs = Object.values(others)
    .flat()
    .filter((value) => typeof value === 'string');
  const { claimFigure, writeDrawing } = await import('../output/figures/write-figure.js');
  const output = claimFigure(figure, { flag: '--figure', force, inputs });
  return (drawing) => writeDrawing(output, drawing);
}
