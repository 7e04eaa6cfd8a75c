/**
 * The roots that test/study/roots.slow.test.ts holds `solve` against: 100,000 replications a setting and plain bisection
 * between two settings of which one fits, so nothing of the search under test takes part. Writes roots.json beside
 * itself, of the situations that are not in it yet; minutes for each.
 *
 *   npm run build && node test/study/roots/compute.mjs
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolveTree } from '../../../dist/input/resolve.js';
import { parseRow } from '../../../dist/input/values/kinds.js';
import { runReplication } from '../../../dist/study/run.js';
import { stopNs } from '../../../dist/study/simulate.js';
import { quantityOf, shownAt, textAt } from '../../../dist/study/solve/quantity.js';

const REPLICATIONS = 100_000;
/** Fewer are enough where the share is so many standard deviations away from what is allowed. */
const CLEAR = 6;
const BATCH = 1000;
/** The bracket is halved down to this share of the value, or to one step. */
const RESOLUTION = 2e-4;
/** The seed of no trial of the test. */
const SEED = 1_000_000;

const here = (name) => new URL(name, import.meta.url);

/** Whether no more than the allowed share of the migrations is over the budget. */
async function fits({ scenario, strategies, budgetNs, allowedShare }) {
  let over = 0;
  for (let n = 1; n <= REPLICATIONS; n++) {
    const [ran] = runReplication(scenario, strategies, SEED, n);
    if (stopNs(ran) > budgetNs) over++;
    const far = Math.abs(over / n - allowedShare) / Math.sqrt((allowedShare * (1 - allowedShare)) / n);
    if (n % BATCH === 0 && far > CLEAR) return over / n <= allowedShare;
  }
  return over / REPLICATIONS <= allowedShare;
}

async function rootOf({ name, quantity: asked, given, between }) {
  const quantity = quantityOf(asked, name);
  const { parameter, steps } = quantity;
  let [good, bad] = between.map((text) => steps.stepOf(parseRow(parameter, text, name)));
  while (Math.abs(bad - good) > Math.max(1, RESOLUTION * good)) {
    const middle = Math.round((good + bad) / 2);
    const settings = { ...given, strategies: 'store-at-stop', [parameter.path]: textAt(quantity, middle) };
    if (await fits(await resolveTree({}, settings))) good = middle;
    else bad = middle;
    console.error(name, shownAt(quantity, good), shownAt(quantity, bad));
  }
  return { fits: shownAt(quantity, good), over: shownAt(quantity, bad) };
}

const roots = existsSync(here('roots.json')) ? JSON.parse(readFileSync(here('roots.json'), 'utf8')) : {};
for (const situation of JSON.parse(readFileSync(here('situations.json'), 'utf8'))) {
  if (roots[situation.name]) continue;
  roots[situation.name] = await rootOf(situation);
  writeFileSync(here('roots.json'), `${JSON.stringify(roots, null, 2)}\n`);
}
