// Every kind of input, damaged: the answer is exit 0, 1 or 2, with one line for an error, soon, in little memory.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inside } from '../inside.mjs';
import { chance, damaged } from '../random.mjs';
import { PRECIOUS } from '../stage.mjs';
import { flawOf, stopgap } from '../stopgap.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CORPUS = join(here, '../corpus');
const RECORDINGS = join(here, '../../fixtures/observe');
const ask = ['ask', '--replications', '1'];
const linesOf = (file) => readFileSync(file, 'utf8').replaceAll('\0', '').split('\n');
const undamaged = (kind) => join(CORPUS, kind);

/** What is done with a file of each folder of the corpus. */
const COMMANDS = {
  scenarios: [(file) => ['run', file, '--set', 'replications=1']],
  experiments: [(file) => ['sweep', file, '--dry-run']],
  storages: [(file) => [...ask, '--storage', file]],
  workloads: [(file) => [...ask, '--workload', file]],
  fio: [(file) => [...ask, '--storage', file], (file) => ['calibrate', file]],
  images: [
    (file) => [...ask, '--image', file],
    (file) => [...ask, '--image', join(undamaged('images'), 'chain.json'), '--image', file],
  ],
  hosts: [(file) => [...ask, '--host', file]],
  links: [(file) => [...ask, '--link', file]],
  vms: [(file) => [...ask, '--vm', file]],
  traces: [(file) => ['workload', file], (file) => [...ask, '--workload', file]],
  measured: [(file) => ['validate', file]],
  manifests: [
    (file) => ['plot', dirname(file)],
    (file) => ['repro', dirname(file), 'a'],
    (file) => ['merge', dirname(file), '--out', `${dirname(file)}-merged`],
  ],
  results: [
    (file) => ['compare', undamaged('results'), dirname(file)],
    (file) => ['compare', dirname(file), undamaged('results'), '--fail-if', 'worse'],
    (file) => ['plot', dirname(file)],
    (file) => ['merge', dirname(file), '--out', `${dirname(file)}-merged`],
  ],
  flags: [(file) => [...ask, ...linesOf(file)]],
  // Of one strategy and few points: how long a search takes is what is asked for, and no damage.
  solve: [
    (file) => ['solve', '--jobs', '1', '--points', '2', '--strategy', 'store-at-stop', ...linesOf(file)],
  ],
  compare: [(file) => ['compare', '--jobs', '1', ...linesOf(file)]],
  sensitivity: [(file) => ['sensitivity', '--jobs', '1', '--samples', '4', ...linesOf(file)]],
  recordings: [(file) => ['observe', '--from', join(dirname(file), '..')]],
  piped: [() => [...ask, '--image', '-']],
};
/** Where the undamaged inputs of a kind lie, if not in a folder of that name. */
const FOLDERS = { recordings: RECORDINGS, piped: undamaged('images') };
const folderOf = (kind) => FOLDERS[kind] ?? undamaged(kind);

/** A file that gets damaged, in the folder that is copied with it. */
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
const inputsOf = (kind) => {
  if (kind !== 'recordings')
    return filesIn(folderOf(kind)).map((name) => ({ kind, name, whole: kind === 'results' ? '' : name }));
  const folders = readdirSync(RECORDINGS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name: whole }) =>
    filesIn(join(RECORDINGS, whole)).map((name) => ({ kind, name: join(whole, name), whole })),
  );
};
const INPUTS = new Map(Object.keys(COMMANDS).map((kind) => [kind, inputsOf(kind)]));

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
    const kind = draw.pick([...INPUTS.keys()]);
    const { name, whole } = draw.pick(INPUTS.get(kind));
    const own = mkdtempSync(join(place, 'fuzz-'));
    const folder = join(own, 'input');
    cpSync(join(folderOf(kind), whole), join(folder, whole), { recursive: true });
    writeFileSync(join(own, 'precious'), PRECIOUS);
    const file = join(folder, name);
    writeFileSync(file, damaged(readFileSync(file, 'utf8'), draw));
    const text = readFileSync(file, 'utf8');
    const args = draw.pick(COMMANDS[kind])(file);
    const answer = await (kind === 'piped'
      ? stopgap(args, { cwd: own, stdin: file })
      : inside(args, { cwd: own }));
    const flaw = flawOf(answer) ?? touchedOf(own, file, text);
    if (flaw === undefined) rmSync(own, { recursive: true });
    return {
      flaw: flaw && `${flaw}; the input is ${file}: stopgap ${args.join(' ').slice(0, 300)}`,
      exits: [answer.code],
    };
  },
};
