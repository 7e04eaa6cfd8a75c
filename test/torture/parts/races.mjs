// Several sweeps into one directory: one writes, the others say so in one line; together they give the same bytes.
import { rmSync } from 'node:fs';
import { chance } from '../random.mjs';
import { healedOf, makeCase, tornOf, writers } from '../stage.mjs';
import { flawOf, stopgap } from '../stopgap.mjs';

export const races = {
  name: 'races',
  what: 'races of two to four sweeps',
  async run({ seed, index, stage }) {
    const draw = chance(seed, 'races', index);
    const own = makeCase(stage, 'race');
    const args = writers(stage, own).sweep();
    const runners = Array.from({ length: 2 + draw.below(3) }, () => draw.uniform() * 300);
    const answers = await Promise.all(
      runners.map(async (waitMs) => {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        return stopgap(args, { cwd: own });
      }),
    );
    const flaw =
      answers.map((answer) => flawOf(answer, [0, 2])).find((each) => each !== undefined) ??
      tornOf(stage, own) ??
      (await healedOf(stage, own, 'sweep', args));
    if (flaw === undefined) rmSync(own, { recursive: true });
    return {
      flaw: flaw && `${runners.length} sweeps: ${flaw} (${own})`,
      exits: [
        answers
          .map(({ code }) => code)
          .sort()
          .join('+'),
      ],
    };
  },
};
