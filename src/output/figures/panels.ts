/** Panels in rows: where each stands, how wide it is, and its name above it. */
import * as Plot from '@observablehq/plot';
import { INK } from './palette.js';

/** More would be too small to read; how many are left out is said. */
export const PANELS_MAX = 12;

const ACROSS_MAX = 3;
export const PANEL_TOP = 34;

export interface Panels {
  readonly names: readonly string[];
  readonly across: number;
  readonly down: number;
}

/** The place of a panel, for Plot's fx and fy. */
export interface Place {
  readonly fx: number;
  readonly fy: number;
}

/** So many side by side as have `needPx` each in `roomPx`. */
export function panelsOf(names: readonly string[], roomPx: number, needPx: number): Panels {
  const fitting = Math.max(1, Math.floor(roomPx / needPx));
  const most = Math.min(ACROSS_MAX, fitting, names.length);
  // Four stand as two by two, not as three and one.
  const down = Math.ceil(names.length / most);
  return { names, across: Math.ceil(names.length / down), down };
}

/** Where a panel stands. */
export function placeOf({ names, across }: Panels, name: string): Place {
  const i = Math.max(0, names.indexOf(name));
  return { fx: i % across, fy: Math.floor(i / across) };
}

/** Plot's options for panels, with a gap as a share of their width; nothing where there is one. */
export function panelScales({ names, across, down }: Panels, gap = 0.2): Plot.PlotOptions {
  if (names.length < 2) return {};
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  return {
    fx: { domain: upTo(across), axis: null, padding: gap },
    fy: { domain: upTo(down), axis: null, padding: down > 1 ? 0.2 : 0 },
  };
}

/** The name of each above it. */
export function panelNames(panels: Panels): Plot.Markish[] {
  if (panels.names.length < 2) return [];
  const names = panels.names.map((text) => ({ text, ...placeOf(panels, text) }));
  return [
    Plot.text(names, {
      fx: 'fx',
      fy: 'fy',
      text: 'text',
      frameAnchor: 'top-left',
      dy: -10,
      fill: INK,
      fontWeight: 'bold',
    }),
  ];
}
