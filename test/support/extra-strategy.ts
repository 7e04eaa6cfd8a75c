/** A strategy that only tests know: everything about it stands in this file, as it would in src/sim/strategies/. */
import { rows, type Spec } from '../../src/sim/parameters/row.js';
import { STORED, type StrategyDefinition } from '../../src/sim/strategies/definition.js';

const PARAMETERS = rows({
  delayNs: {
    path: 'carrier-pigeon.delay',
    flag: 'pigeon-delay',
    kind: 'time',
    default: '40ms',
    help: 'how long a pigeon is under way',
  },
});

type ExtraSpec = { readonly name: 'carrier-pigeon'; readonly breed: 'homing' | 'fantail' } & Spec<
  typeof PARAMETERS
>;

const SLOWER = { homing: 1, fantail: 3 } as const;

export const extra: StrategyDefinition<ExtraSpec, typeof PARAMETERS> = {
  name: 'carrier-pigeon',
  summary: 'all breeds: homing, fantail',
  role: 'alternative',
  byDefault: true,
  built: false,
  parameters: PARAMETERS,
  variantField: 'breed',
  variants: [
    {
      name: 'homing',
      summary: 'knows the way',
      colour: '#123456',
      routes: [{ ...STORED, name: 'pigeon-homing' }],
      remark: (label) => `${label} needs corn.`,
    },
    {
      name: 'fantail',
      summary: 'looks good',
      colour: '#654321',
      routes: [{ ...STORED, name: 'pigeon-fantail', persistent: false }],
    },
  ],
  hooks: ({ delayNs, breed }) => ({
    delivers: true,
    loadsFromImage: false,
    *inStream(machine) {
      yield delayNs * SLOWER[breed];
      for (const disk of machine.disks) machine.markAllStored(disk);
    },
  }),
};
