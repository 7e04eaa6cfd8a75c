// The campaign: damaged inputs, kills, faults of the disk and races, until the time is up.
//
//   npm run torture                                 ten minutes, a seed of its own
//   npm run torture -- --seconds 60 --seed 7        as long, and the same cases as the last time with this seed
//   npm run torture -- --seed 7 --case fuzz:123     one case again
//
// Prints figures, and for every failure how to see it again. Exit 1 where there was one.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faults } from './parts/faults.mjs';
import { fuzz } from './parts/fuzz.mjs';
import { kills } from './parts/kills.mjs';
import { races } from './parts/races.mjs';
import { makeShim, makeStage } from './stage.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(process.pid * 1000 + (process.hrtime()[1] % 1000)) },
    case: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
const [seconds, seed, jobs] = [values.seconds, values.seed, values.jobs].map(Number);
if (![seconds, seed, jobs].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  console.error('torture: --seconds, --seed and --jobs are whole numbers');
  process.exit(2);
}

/** Every part with its share of the cases; most are damaged inputs, which are many kinds. */
const PARTS = [fuzz, fuzz, fuzz, kills, fuzz, faults, fuzz, races, fuzz, kills, fuzz, faults];

const place = mkdtempSync(join(tmpdir(), 'stopgap-torture-'));
const stage = await makeStage(place);
stage.shim = makeShim(place);
const began = performance.now();
const tallies = new Map();
const failures = [];

async function play(part, index) {
  const { flaw, exit } = await part.run({ seed, index, place, stage });
  const tally = tallies.get(part) ?? { cases: 0, exits: new Map() };
  tallies.set(part, tally);
  tally.cases++;
  tally.exits.set(exit, (tally.exits.get(exit) ?? 0) + 1);
  if (flaw === undefined) return;
  failures.push(flaw);
  console.log(
    `FAILED ${part.name}:${index} (npm run torture -- --seed ${seed} --case ${part.name}:${index})\n  ${flaw}`,
  );
}

let next = 0;
async function player() {
  while (performance.now() - began < seconds * 1000) {
    const index = next++;
    const part = PARTS[index % PARTS.length];
    if (part.needs === undefined || stage[part.needs] !== undefined) await play(part, index);
  }
}

console.log(
  `torture: seed ${seed}, ${seconds} s, ${jobs} at a time${stage.shim ? '' : ', no cc: no faults of the disk'}`,
);
if (values.case === undefined) await Promise.all(Array.from({ length: Math.max(1, jobs) }, player));
else {
  const [name, index] = values.case.split(':');
  await play(
    PARTS.find((part) => part.name === name),
    Number(index),
  );
}
for (const [part, { cases, exits }] of tallies) {
  const ends = [...exits].map(([exit, count]) => `${exit}: ${count}`).sort();
  console.log(`${String(cases).padStart(7)} ${part.what} (exit ${ends.join(', ')})`);
}
console.log(
  `${failures.length} failures in ${Math.round((performance.now() - began) / 1000)} s, seed ${seed}`,
);
if (failures.length === 0) rmSync(place, { recursive: true });
process.exitCode = failures.length > 0 ? 1 : 0;
