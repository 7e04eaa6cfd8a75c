// The N-th request to the disk goes wrong: one line or nothing happened, nothing torn, and the same command goes on.
import { readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { chance } from '../random.mjs';
import { healedOf, makeCase, tornOf, writers } from '../stage.mjs';
import { flawOf, stopgap } from '../stopgap.mjs';

const { ENOSPC, EIO, EMFILE, EACCES } = constants.errno;
const FAULTS = [
  { how: 'error', number: ENOSPC },
  { how: 'error', number: EIO },
  { how: 'error', number: EMFILE },
  { how: 'error', number: EACCES },
  { how: 'always', number: ENOSPC },
  { how: 'short' },
  { how: 'kill' },
  { how: 'power' },
];

/** How many requests each command makes when none fails. */
const requests = new Map();

async function countOf(stage, name) {
  if (requests.has(name)) return requests.get(name);
  const own = makeCase(stage, 'count');
  const args = writers(stage, own)[name]();
  const file = join(own, 'count');
  await stopgap(args, {
    cwd: own,
    env: { LD_PRELOAD: stage.shim, TORTURE_DIR: join(own, 'work'), TORTURE_COUNT: file },
  });
  const count = Number(readFileSync(file, 'utf8'));
  rmSync(own, { recursive: true });
  requests.set(name, count);
  return count;
}

export const faults = {
  name: 'faults',
  what: 'faults of the disk',
  needs: 'shim',
  async run({ seed, index, stage }) {
    const draw = chance(seed, 'faults', index);
    const name = draw.pick(['sweep', 'sweep with figures', 'merge', 'plot', 'calibrate']);
    const { how, number = 0 } = draw.pick(FAULTS);
    const at = 1 + draw.below(Math.max(1, await countOf(stage, name)));
    const own = makeCase(stage, 'fault');
    const args = writers(stage, own)[name]();
    const answer = await stopgap(args, {
      cwd: own,
      env: {
        LD_PRELOAD: stage.shim,
        TORTURE_DIR: join(own, 'work'),
        TORTURE_AT: String(at),
        TORTURE_HOW: how,
        TORTURE_ERRNO: String(number),
      },
    });
    const killed = answer.signal === 'SIGKILL' && (how === 'kill' || how === 'power');
    const flaw =
      (killed ? undefined : flawOf(answer)) ?? tornOf(stage, own) ?? (await healedOf(stage, own, name, args));
    if (flaw === undefined) rmSync(own, { recursive: true });
    return {
      flaw: flaw && `${name}, request ${at} ${how} ${number || ''}: ${flaw} (${own})`,
      exits: [killed ? how : answer.code],
    };
  },
};
