// The campaign: damaged inputs, kills, faults of the disk and races, until the time is up or all is done.
//
//   npm run torture                                 ten minutes, a seed of its own
//   npm run torture -- --seconds 60 --seed 7        as long, and the same cases as the last time with this seed
//   npm run torture -- --full                       20,000 damaged inputs, 1,000 kills, 500 faults, 100 races
//   npm run torture -- --fuzz 20000                 so many damaged inputs and nothing else
//   npm run torture -- --seed 7 --case fuzz:123     one case again
//
// Prints figures, and for every failure how to see it again. Exit 1 where there was one.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endInside } from './inside.mjs';
import { faults } from './parts/faults.mjs';
import { fuzz } from './parts/fuzz.mjs';
import { kills } from './parts/kills.mjs';
import { races } from './parts/races.mjs';
import { makeShim, makeStage } from './stage.mjs';

/** Each part and how many of it make a full campaign; a shorter one has the same mixture. */
const FULL = new Map([
  [fuzz, 20_000],
  [kills, 1000],
  [faults, 500],
  [races, 100],
]);
const PARTS = [...FULL.keys()];

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    full: { type: 'boolean', default: false },
    ...Object.fromEntries(PARTS.map(({ name }) => [name, { type: 'string' }])),
    seed: { type: 'string', default: String(process.pid * 1000 + (process.hrtime()[1] % 1000)) },
    case: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
const counted = PARTS.some(({ name }) => values[name] !== undefined);
const limits = new Map(
  PARTS.map((part) => [part, counted ? Number(values[part.name] ?? 0) : FULL.get(part)]),
);
const [seed, jobs] = [values.seed, values.jobs].map(Number);
const seconds = values.seconds === undefined ? (counted || values.full ? 1e6 : 600) : Number(values.seconds);
if (
  ![seconds, seed, jobs, ...limits.values()].every((number) => Number.isSafeInteger(number) && number >= 0)
) {
  console.error('torture: --seconds, --seed, --jobs and the numbers of cases are whole numbers');
  process.exit(2);
}

const place = mkdtempSync(join(tmpdir(), 'stopgap-torture-'));
const [onePart, oneIndex] = values.case?.split(':') ?? [];
/** Damaged inputs need nothing but themselves. */
const alone = PARTS.every(
  (part) => part === fuzz || (onePart === undefined ? limits.get(part) === 0 : part.name !== onePart),
);
const stage = alone ? {} : { ...(await makeStage(place)), shim: makeShim(place) };
const began = performance.now();
const tallies = new Map(PARTS.map((part) => [part, { next: 0, done: 0, exits: new Map() }]));
const failures = [];

async function play(part, index) {
  const tally = tallies.get(part);
  const { flaw, exits } = await part.run({ seed, index, place, stage });
  tally.done += exits.length;
  for (const exit of exits) tally.exits.set(exit, (tally.exits.get(exit) ?? 0) + 1);
  if (flaw === undefined) return;
  failures.push(flaw);
  console.log(
    `FAILED ${part.name}:${index} (npm run torture -- --seed ${seed} --case ${part.name}:${index})\n  ${flaw}`,
  );
}

/** The part that is furthest behind of those that can be played and are not done. */
function behind() {
  const share = (part) => tallies.get(part).done / limits.get(part);
  return PARTS.filter((part) => limits.get(part) > 0 && share(part) < 1)
    .filter((part) => part.needs === undefined || stage[part.needs] !== undefined)
    .sort((one, other) => share(one) - share(other))[0];
}

/** Ctrl-C: what is being played is played to its end, and the figures are printed. */
let isOver = false;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    isOver = true;
  });

async function player() {
  const isTime = () => !isOver && performance.now() - began < seconds * 1000;
  for (let part = behind(); part && isTime(); part = behind()) await play(part, tallies.get(part).next++);
}

console.log(
  `torture: seed ${seed}, ${jobs} at a time${alone || stage.shim ? '' : ', no cc: no faults of the disk'}`,
);
if (values.case === undefined) await Promise.all(Array.from({ length: Math.max(1, jobs) }, player));
else
  await play(
    PARTS.find((part) => part.name === onePart),
    Number(oneIndex),
  );
endInside();
for (const [part, { done, exits }] of tallies) {
  if (done === 0) continue;
  const ends = [...exits].map(([exit, count]) => `${exit}: ${count}`).sort();
  console.log(`${String(done).padStart(7)} ${part.what} (exit ${ends.join(', ')})`);
}
console.log(
  `${failures.length} failures in ${Math.round((performance.now() - began) / 1000)} s, seed ${seed}`,
);
if (failures.length === 0) rmSync(place, { recursive: true });
process.exitCode = failures.length > 0 ? 1 : 0;
