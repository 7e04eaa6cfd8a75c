/** Every figure type that an experiment file can ask for. */
import type { FigureSpec } from '../../sweep/experiment/schema.js';
import { decisionMap } from './decision-map.js';
import { distribution } from './distribution.js';
import { downtime } from './downtime.js';
import type { Figure } from './figure.js';
import { phases } from './phases.js';
import { staleAtStop } from './stale-at-stop.js';
import { strategies } from './strategies.js';

export const FIGURES: Readonly<Record<FigureSpec['type'], Figure>> = {
  downtime,
  strategies,
  'decision-map': decisionMap,
  'stale-chunks': staleAtStop,
  phases,
  distribution,
};
