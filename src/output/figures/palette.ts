/** The one table of colours. A colour belongs to what it stands for, never to the place of a line in its figure. */
import { PARAMETERS } from '../../input/parameters.js';
import { DEFINITIONS, proposedMark } from '../../sim/strategies/lookup.js';
import { areNumbers, ascending } from './order.js';

/** How a line is drawn: its colour, and its dashes as SVG takes them. */
export interface Look {
  readonly colour: string;
  readonly dash: string;
}

/** Colours that people with any colour vision can tell apart: M. Okabe and K. Ito, Color Universal Design (2008). */
const OKABE_ITO = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'] as const;

/** More of them, for when there are many words: P. Tol, Colour Schemes (2021), "muted". */
const MUTED = ['#882255', '#332288', '#44AA99', '#999933', '#AA4499', '#117733'] as const;

const WORDS = [...OKABE_ITO, ...MUTED];
const DASHES = ['none', '6,3', '2,2'] as const;

/** By what readers call them; the name alone is the first variant's. */
const OF_STRATEGY: ReadonlyMap<string, string> = new Map(
  DEFINITIONS.flatMap(({ name, variants }) => [
    [name + proposedMark(name), variants[0].colour] as const,
    ...variants.map((variant) => [`${name}/${variant.name}${proposedMark(name)}`, variant.colour] as const),
  ]),
);

const solid = (colour: string): Look => ({ colour, dash: DASHES[0] });
const dashed = (colour: string): Look => ({ colour, dash: DASHES[1] });

/**
 * The looks of presets, by column and name: storages often compared solid, those of a laboratory dashed.
 * @internal
 */
export const PRESET_LOOKS: Readonly<Record<string, Readonly<Record<string, Look>>>> = {
  storage: {
    'nvme-plp': solid('#0072B2'),
    'ceph-nvme': solid('#D55E00'),
    'ceph-sata': solid('#009E73'),
    'aws-gp3': solid('#CC79A7'),
    'gcp-hyperdisk': solid('#E69F00'),
    'nfs-10gbe': solid('#56B4E9'),
    'hdd-7200': solid('#000000'),
    'ceph-hdd': solid('#882255'),
    'nvme-consumer': solid('#332288'),
    'nvme-tcp': solid('#44AA99'),
    'raid-ssd': solid('#999933'),
    'aws-io2': solid('#AA4499'),
    'sata-ssd': solid('#117733'),
    'ram-disk': dashed('#0072B2'),
    'file-direct': dashed('#D55E00'),
    'file-cache': dashed('#009E73'),
    'lab-fast': dashed('#CC79A7'),
    'lab-100us': dashed('#E69F00'),
    'lab-1ms': dashed('#56B4E9'),
    'ideal-1ms': dashed('#000000'),
  },
  stack: {
    'plain-qemu': solid('#000000'),
    'libvirt-store': solid('#D55E00'),
    'libvirt-stream': solid('#0072B2'),
    'kubevirt-cbt': solid('#009E73'),
    'proxmox-pbs': solid('#E69F00'),
    ovirt: solid('#CC79A7'),
    'openstack-nova': solid('#56B4E9'),
    opennebula: solid('#882255'),
    incus: solid('#44AA99'),
    'live-update': solid('#999933'),
  },
};

/** From dark to light for numbers, so that their order is seen; not so light that a name could not be read. */
const RAMP = ['#440154', '#3B528B', '#21918C', '#58A835', '#C9A400'] as const;

/** A colour of the ramp, 0 the first and 1 the last. */
function rampAt(place: number): string {
  const at = place * (RAMP.length - 1);
  const [low, high] = [RAMP[Math.floor(at)]!, RAMP[Math.ceil(at)]!];
  const channels = [1, 3, 5].map((i) => {
    const [a, b] = [Number.parseInt(low.slice(i, i + 2), 16), Number.parseInt(high.slice(i, i + 2), 16)];
    return Math.round(a + (at - Math.floor(at)) * (b - a))
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('').toUpperCase()}`;
}

/** Word number `place` of a list that does not depend on the figure. */
const wordLook = (place: number): Look => ({
  colour: WORDS[place % WORDS.length]!,
  dash: DASHES[Math.floor(place / WORDS.length) % DASHES.length]!,
});

/** A strategy as readers call it. */
export const strategyLook = (name: string): Look => solid(OF_STRATEGY.get(name) ?? OKABE_ITO[0]);

/** A preset of the user's own: dotted, in a colour that no shipped one of the same experiment has. */
function ownLook(known: Readonly<Record<string, Look>>, value: string, all: readonly string[]): Look {
  const taken = new Set(all.map((name) => known[name]?.colour));
  const free = WORDS.filter((colour) => !taken.has(colour));
  const own = [...new Set(all)].filter((name) => !(name in known)).sort();
  const colours = free.length > 0 ? free : WORDS;
  return { colour: colours[own.indexOf(value) % colours.length]!, dash: DASHES[2] };
}

/**
 * The look of one value of a column. `all`: every value that the column has in the whole experiment, whatever the figure
 * draws of it: in each figure of an experiment the same value looks the same.
 */
export function lookOf(column: string, value: string, all: readonly string[]): Look {
  if (column === 'strategy') return strategyLook(value);
  const known = PRESET_LOOKS[column];
  if (known) return known[value] ?? ownLook(known, value, all);
  const values = [...new Set(all)];
  if (values.length > 1 && areNumbers(values)) {
    const order = ascending(values);
    return solid(rampAt(Math.max(0, order.indexOf(value)) / (order.length - 1)));
  }
  // Choices stand in the order in which they are declared, other words in that of the alphabet.
  const choices = PARAMETERS.find((each) => each.column === column)?.choices ?? [];
  return wordLook(Math.max(0, [...new Set([...choices, ...values.sort()])].indexOf(value)));
}

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

export const INK = '#222222';
export const GREY = '#666666';
export const BUDGET_COLOUR = '#B00020';
