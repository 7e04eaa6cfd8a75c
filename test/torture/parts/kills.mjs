// SIGKILL at a random moment, some of them one after the other: nothing is torn, nobody else's file is touched, and in
// the end the same command goes on to the same bytes.
import { rmSync } from 'node:fs';
import { chance } from '../random.mjs';
import { healedOf, makeCase, tornOf, writers } from '../stage.mjs';
import { stopgap } from '../stopgap.mjs';

/** How long each command takes on a machine as busy as it is now: the time of the last that came to its end. */
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
    const exits = [];
    let flaw;
    let killAfterMs = 0;
    for (let n = 1 + draw.below(4); n > 0 && flaw === undefined; n--) {
      killAfterMs = draw.uniform() * 1.1 * (tookMs.get(name) ?? 1000);
      const began = performance.now();
      const killed = await stopgap(args, { cwd: own, killAfterMs });
      // Loading is most of a short command; where the machine has become slower, later kills come later.
      if (killed.signal === null) tookMs.set(name, performance.now() - began);
      else tookMs.set(name, 1.02 * (tookMs.get(name) ?? 1000));
      exits.push(killed.signal ?? killed.code);
      flaw = tornOf(stage, own);
    }
    flaw ??= await healedOf(stage, own, name, args);
    if (flaw === undefined) rmSync(own, { recursive: true });
    return {
      flaw: flaw && `${name}, killed after ${Math.round(killAfterMs)} ms: ${flaw} (${own})`,
      exits,
    };
  },
};
