/** What every figure file exports. */
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import type { FigureData } from './data.js';
import type { Drawing } from './render.js';

export interface Figure {
  readonly type: FigureSpec['type'];
  /** What it shows, for `list` and the documentation. */
  readonly summary: string;
  /** The drawing, or undefined where the rows have nothing for it. */
  draw(data: FigureData, spec: FigureSpec): Drawing | undefined;
}

export const WIDTH = 860;
export const HEIGHT = 400;
