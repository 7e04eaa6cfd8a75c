// A rare tail: pre-flush at a load of 0.8 leaves 20 chunks and more to the stop, about once in ten thousand migrations. The
// ratio is one of runs: how many plain replications would give as narrow an interval as one run with importance sampling.
import { resolve } from '../../../dist/input/resolve.js';
import { twistFor } from '../../../dist/sim/guest/tilt.js';
import { rareTail } from '../../../dist/study/rare-tail.js';

const WRITES_PER_S = 800;
const SERVICES_PER_S = 1000;
const CHUNKS = 20;
const SITUATION = {
  'flush-latency': '1ms',
  'disk.size': '16T',
  'bitmaps.dirty': '0%',
  'workload.preset': 'idle',
  'workload.pattern': 'uniform',
  'workload.footprint': '100%',
  'workload.write-size': '4k',
  'workload.write-iops': WRITES_PER_S,
  'ram.size': '1G',
  'ram.used': '1G',
  'pre-flush.pending': 'off',
  strategies: ['pre-flush'],
};

async function measure(size) {
  const { scenario, strategies } = await resolve({}, SITUATION);
  const runs = size === 'quick' ? 20 : 500;
  const start = process.hrtime.bigint();
  const { gain, probability } = rareTail(scenario, strategies[0], {
    isRare: ({ staleChunksAtStop }) => staleChunksAtStop >= CHUNKS,
    twist: twistFor(WRITES_PER_S, SERVICES_PER_S, CHUNKS),
    runs,
    seed: 1,
  });
  const perS = runs / (Number(process.hrtime.bigint() - start) / 1e9);
  return [
    {
      name: 'tail-splitting',
      unit: 'runs',
      ours_per_s: Number(perS.toPrecision(4)),
      peer: 'crude',
      peer_per_s: Number((perS / gain).toPrecision(4)),
      ratio: Number(gain.toPrecision(4)),
      probability: Number(probability.toPrecision(4)),
    },
  ];
}

export const benchmark = { name: 'tail-splitting', measure };
