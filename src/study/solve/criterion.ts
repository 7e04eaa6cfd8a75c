/** When a value fits: the verdict's own rule, which share of migrations may stop the guest for longer than the budget. */
import { InputError } from '../../base/errors.js';
import { formatTime } from '../../base/units.js';
import { samplesNeeded } from '../../stats/excess.js';

export interface Criterion {
  readonly allowed: number;
  readonly text: string;
}

const ALLOWED_MAX = 0.5;

/** `5 %`, `0.5 %`. */
const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;

/** From `--allowed`, or `--quantile p95`, which says the same: the quantile is within the budget. */
export function criterionOf(
  allowed: number,
  quantile: string | undefined,
  budgetNs: number,
  where: string,
): Criterion {
  const digits = quantile === undefined ? undefined : /^p(\d{2,4})$/.exec(quantile)?.[1];
  if (quantile !== undefined && digits === undefined)
    throw new InputError(`--quantile: '${quantile}' is not a quantile such as p95, p99 or p999`);
  const share = digits === undefined ? allowed : Number((1 - Number(`0.${digits}`)).toPrecision(6));
  if (!(share > 0 && share <= ALLOWED_MAX))
    throw new InputError(
      quantile === undefined
        ? `${where}: '${percent(share)}' is not a share above 0% and up to 50%`
        : `--quantile: '${quantile}' is not from p50 to p9999`,
    );
  return { allowed: share, text: `P(stop > ${formatTime(budgetNs)}) <= ${percent(share)}` };
}

/** How many replications tell it: for a glance, and for a judgement. */
export interface Effort {
  readonly few: number;
  readonly many: number;
}

/** Excesses that a judgement expects at the root itself: so few that they are soon drawn, and enough for an interval. */
const EXPECTED_OVER = 5;

/** The replications of a setting, `given` of them where that is enough to tell anything. */
export function effortOf({ allowed }: Criterion, given: number | undefined): Effort {
  const many = Math.max(samplesNeeded(allowed), given ?? Math.ceil(EXPECTED_OVER / allowed));
  return { few: Math.min(many, Math.ceil(0.5 / allowed)), many };
}
