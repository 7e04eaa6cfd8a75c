import { DEFINITIONS, proposedMark } from '../../sim/strategies/lookup.js';

/** Colours that people with any colour vision can tell apart: M. Okabe and K. Ito, Color Universal Design (2008). */
const OKABE_ITO = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'] as const;

/** By what readers call them; the name alone is the first variant's. */
const OF_STRATEGY: ReadonlyMap<string, string> = new Map(
  DEFINITIONS.flatMap(({ name, variants }) => [
    [name + proposedMark(name), variants[0].colour] as const,
    ...variants.map((variant) => [`${name}/${variant.name}${proposedMark(name)}`, variant.colour] as const),
  ]),
);

/** The colours of the phases of the stop: related phases in related tones, each with its own lightness. */
export const PHASE_COLOURS: Readonly<Record<string, string>> = {
  stop: '#000000',
  mirror: '#56B4E9',
  ram: '#7F7F7F',
  devices: '#BFBFBF',
  stream: '#0072B2',
  store_qemu: '#7A5C00',
  store_scan: '#F0E442',
  store_data: '#D55E00',
  store_metadata: '#E69F00',
  store_flush: '#8C3B00',
  store_punch: '#CC79A7',
  switch: '#DDDDDD',
  load: '#009E73',
  start: '#A6DCC9',
};

/** A colour for each name: strategies always have their own, others take the next. */
export function coloursOf(names: readonly string[]): readonly string[] {
  let next = 0;
  return names.map((name) => OF_STRATEGY.get(name) ?? OKABE_ITO[next++ % OKABE_ITO.length]!);
}

/** Beyond seven lines colours repeat; dashes tell them apart. */
export function dashOf(index: number): string {
  return ['none', '6,3', '2,2'][Math.floor(index / OKABE_ITO.length) % 3]!;
}

export const INK = '#222222';
export const GREY = '#666666';
export const BUDGET_COLOUR = '#B00020';
