/** `--failure-probability OUTCOME=P`: how likely an outcome is, per migration, given as a share or as observed counts. */
import { InputError } from '../../base/errors.js';
import { parseFraction } from '../../base/units.js';
import { type MigrationTimeline, outcomeProbabilities } from '../../fate/draw.js';
import { OUTCOMES } from '../../fate/outcomes.js';
import { didYouMean } from '../../input/values/suggest.js';
import type { FaultRates } from '../../sim/faults.js';
import type { Interval } from '../../stats/interval.js';
import { summariseProportion } from '../../stats/proportion.js';

export interface OutcomeProbability {
  readonly outcome: string;
  readonly value: number;
  /** Wilson interval of an observed count; null for a share, which is taken as exact. */
  readonly ci95: Interval | null;
  /** Observed: `k` of `n` migrations. */
  readonly observed: { readonly k: number; readonly n: number } | null;
}

const COUNTS = /^(\d+)\/(\d+)$/;

function parseOne(text: string, where: string): OutcomeProbability {
  const at = text.indexOf('=');
  if (at <= 0)
    throw new InputError(`${where}: '${text}' is not OUTCOME=P, such as cancel-quit=2% or cancel-quit=3/200`);
  const outcome = text.slice(0, at);
  const given = text.slice(at + 1);
  const names = Object.keys(OUTCOMES);
  if (!names.includes(outcome))
    throw new InputError(
      `${where}: '${outcome}' is not an outcome of those that the table lists${didYouMean(outcome, names)}`,
    );
  const counts = COUNTS.exec(given);
  if (!counts)
    return {
      outcome,
      value: parseFraction(given, `${where} ${outcome}`),
      ci95: null,
      observed: null,
    };
  const k = Number(counts[1]);
  const n = Number(counts[2]);
  if (n < 1 || k > n || !Number.isSafeInteger(n))
    throw new InputError(`${where}: '${given}' is not a count of migrations such as 3/200`);
  return { outcome, ...summariseProportion(k, n), observed: { k, n } };
}

/** All given probabilities, each outcome once; together at most 1. The rest of the migrations succeed. */
export function parseProbabilities(
  texts: readonly string[],
  where = '--failure-probability',
): OutcomeProbability[] {
  const parsed = texts.flatMap((text) => text.split(',')).map((text) => parseOne(text, where));
  const names = parsed.map((each) => each.outcome);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`${where}: '${twice}' is given twice`);
  const sum = parsed.reduce((total, each) => total + each.value, 0);
  if (sum > 1 + 1e-9) throw new InputError(`${where}: '${texts.join(' ')}' adds up to ${sum}, more than 1`);
  return parsed;
}

/** Outcomes of these faults on one strategy's migration: longer migrations meet more of them. */
export function probabilitiesFrom(
  rates: FaultRates,
  timeline: MigrationTimeline,
  killShare: number,
): OutcomeProbability[] {
  return [...outcomeProbabilities(rates, timeline, killShare)].map(([outcome, value]) => ({
    outcome,
    value,
    ci95: null,
    observed: null,
  }));
}
