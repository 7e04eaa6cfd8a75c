// Every kind of input, damaged: the answer is exit 0, 1 or 2, with one line for an error, soon, in little memory.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inside } from '../inside.mjs';
import { chance, damaged } from '../random.mjs';
import { PRECIOUS } from '../stage.mjs';
import { flawOf } from '../stopgap.mjs';

const CORPUS = join(dirname(fileURLToPath(import.meta.url)), '../corpus');
const ask = ['ask', '--replications', '1'];

/** What is done with a file of each folder of the corpus. */
const COMMANDS = {
  scenarios: [(file) => ['run', file, '--set', 'replications=1']],
  experiments: [(file) => ['sweep', file, '--dry-run']],
  storages: [(file) => [...ask, '--storage', file]],
  workloads: [(file) => [...ask, '--workload', file]],
  fio: [(file) => [...ask, '--storage', file], (file) => ['calibrate', file]],
  images: [(file) => [...ask, '--image', file]],
  traces: [(file) => ['workload', file], (file) => [...ask, '--workload', file]],
  measured: [(file) => ['validate', file]],
  manifests: [
    (file) => ['plot', dirname(file)],
    (file) => ['repro', dirname(file), 'a'],
    (file) => ['merge', dirname(file), '--out', `${dirname(file)}-merged`],
  ],
  flags: [(file) => [...ask, ...readFileSync(file, 'utf8').replaceAll('\0', '').split('\n')]],
};

const INPUTS = Object.keys(COMMANDS).flatMap((kind) =>
  readdirSync(join(CORPUS, kind)).map((name) => ({ kind, name })),
);

/** Files that were there before are as they were, and nothing came but what the command is there to write. */
function touchedOf(own, file, text) {
  if (readFileSync(join(own, 'precious'), 'utf8') !== PRECIOUS) return "a stranger's file was touched";
  if (readFileSync(file, 'utf8') !== text) return 'the input was touched';
  const made = readdirSync(own).find((name) => !['input', 'precious', 'input-merged'].includes(name));
  return made && `it made ${made}`;
}

export const fuzz = {
  name: 'fuzz',
  what: 'damaged inputs',
  async run({ seed, index, place }) {
    const draw = chance(seed, 'fuzz', index);
    const { kind, name } = draw.pick(INPUTS);
    const own = mkdtempSync(join(place, 'fuzz-'));
    const folder = join(own, 'input');
    mkdirSync(folder);
    writeFileSync(join(own, 'precious'), PRECIOUS);
    const file = join(folder, name);
    writeFileSync(file, damaged(readFileSync(join(CORPUS, kind, name), 'utf8'), draw));
    const text = readFileSync(file, 'utf8');
    const args = draw.pick(COMMANDS[kind])(file);
    const answer = await inside(args, { cwd: own });
    const flaw = flawOf(answer) ?? touchedOf(own, file, text);
    if (flaw === undefined) rmSync(own, { recursive: true });
    return {
      flaw: flaw && `${flaw}; the input is ${file}: stopgap ${args.join(' ').slice(0, 300)}`,
      exits: [answer.code],
    };
  },
};
