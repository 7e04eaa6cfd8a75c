// SIGKILL at a random moment: nothing is torn, nobody else's file is touched, the same command goes on to the same bytes.
import { rmSync } from 'node:fs';
import { chance } from '../random.mjs';
import { healedOf, makeCase, tornOf, writers } from '../stage.mjs';
import { stopgap } from '../stopgap.mjs';

/** How long each command took last, which changes with the machine's other work. */
const tookMs = new Map();

export const kills = {
  name: 'kills',
  what: 'SIGKILLs',
  async run({ seed, index, stage }) {
    const draw = chance(seed, 'kills', index);
    const own = makeCase(stage, 'kill');
    const all = writers(stage, own);
    const name = draw.pick(Object.keys(all));
    const args = all[name]();
    const killAfterMs = draw.uniform() * 1.1 * (tookMs.get(name) ?? 1000);
    const killed = await stopgap(args, { cwd: own, killAfterMs });
    const began = performance.now();
    const flaw = tornOf(stage, own) ?? (await healedOf(stage, own, name, args));
    tookMs.set(name, performance.now() - began);
    if (flaw === undefined) rmSync(own, { recursive: true });
    return {
      flaw: flaw && `${name}, killed after ${Math.round(killAfterMs)} ms: ${flaw} (${own})`,
      exit: killed.signal ?? killed.code,
    };
  },
};
