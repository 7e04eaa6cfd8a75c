// How long a question takes from the shell: `stopgap ask` beside a Node.js that does nothing (the peer). A ratio of times.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const ASK = [MAIN, 'ask', '--disk', '16T', '--storage', 'ceph-nvme', '--dirty', '100%'];

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

function seconds(args) {
  const start = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')}: exit ${status}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function measure(size) {
  const times = { ask: [], node: [] };
  for (let i = 0; i < (size === 'quick' ? 1 : 9); i++) {
    times.ask.push(seconds(ASK));
    times.node.push(seconds(['-e', '0']));
  }
  const [ask, node] = [median(times.ask), median(times.node)];
  return [
    {
      name: 'ask-start',
      unit: 'answers',
      ours_per_s: Number((1 / ask).toPrecision(4)),
      peer: 'node -e 0',
      peer_per_s: Number((1 / node).toPrecision(4)),
      ratio: Number((ask / node).toPrecision(4)),
    },
  ];
}

export const benchmark = { name: 'ask-start', measure };
