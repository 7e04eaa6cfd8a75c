/** Ticks and domains: where numbers stand on an axis. */

/** From 1, 2, 5 × 10^k the ones inside the domain; of those so few that labels do not collide. */
export function logTicks([low, high]: readonly [number, number], most: number): number[] {
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let k = Math.floor(Math.log10(low)); k <= Math.ceil(Math.log10(high)); k++)
      for (const step of steps) {
        // 10 ** -3 is not exact; a quotient of whole numbers is as close as it gets.
        const tick = k < 0 ? step / 10 ** -k : step * 10 ** k;
        if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
      }
    if (ticks.length <= most) return ticks;
  }
  const decades = Math.ceil(Math.log10(high / low) / most);
  const first = Math.ceil(Math.log10(low));
  return Array.from({ length: most + 1 }, (_, i) => 10 ** (first + i * decades)).filter(
    (tick) => tick <= high,
  );
}

/** Powers of two inside the domain, as many as there is room for. */
function byteTicks([low, high]: readonly [number, number], most: number): number[] {
  const first = Math.ceil(Math.log2(low));
  const last = Math.floor(Math.log2(high));
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => 2 ** (first + i * step));
}

export interface Scale {
  readonly type: 'log' | 'linear' | 'point';
  readonly domain: readonly number[] | readonly string[];
  readonly ticks: readonly (number | string)[];
}

/** A scale of numbers, with its two ends. */
export interface MeasuredScale extends Scale {
  readonly domain: readonly [number, number];
  /** Where nothing at all is drawn on a logarithmic scale: at its foot, below all that is more. */
  readonly zeroAt?: number;
}

/** A measured axis is logarithmic where its greatest value is so many times its least. */
const LOG_SPAN = 12;
/** An axis over settings is so too where each is this many times the one before: powers of two stand evenly. */
const LOG_STEP = 1.5;

/** Whether values span decades, or shares of one axis would be crushed by the greatest. */
export function spansDecades(values: readonly number[]): boolean {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low > 0 && high / low >= LOG_SPAN;
}

/** Whether three settings or more grow by a factor rather than by a step. */
function growsByFactor(ascending: readonly number[]): boolean {
  return (
    ascending.length > 2 &&
    ascending[0]! > 0 &&
    ascending.every((value, i) => i === 0 || value / ascending[i - 1]! >= LOG_STEP)
  );
}

/** An axis over a parameter's values in their order: log where they span much, words as points, `most` labels. */
export function parameterScale(values: readonly string[], most = 8): Scale {
  const numbers = values.map(Number);
  if (values.some((value, i) => value === '' || !Number.isFinite(numbers[i])))
    return { type: 'point', domain: values, ticks: values };
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const log = spansDecades(numbers) || growsByFactor(numbers);
  const domain: readonly [number, number] = low === high ? [low * 0.9, high * 1.1 || 1] : [low, high];
  const scale = { type: log ? 'log' : 'linear', domain } as const;
  const few = numbers.length <= most ? numbers : thinned(numbers, most);
  return { ...scale, ticks: apart(few, place(scale).to, LABEL / most) };
}

/** Share of the room of one of `most` labels that it takes at least. */
const LABEL = 0.75;

/** Without those whose label would run into the next one's, the last always. */
function apart(values: readonly number[], at: (value: number) => number, gap: number): number[] {
  const kept: number[] = [];
  for (const value of values.toReversed())
    if (kept.length === 0 || Math.abs(at(kept[0]!) - at(value)) >= gap) kept.unshift(value);
  return kept;
}

/** Every k-th value, the last always. */
function thinned(values: readonly number[], most: number): number[] {
  const step = Math.ceil((values.length - 1) / (most - 1));
  return values.filter((_, i) => (values.length - 1 - i) % step === 0);
}

/** A linear axis that holds zero, with room at its ends. */
function linearScale(low: number, high: number, most: number): MeasuredScale {
  const step = niceStep((1.08 * (high - low)) / most);
  const first = Math.ceil((1.08 * low) / step);
  const count = Math.floor((1.1 * high) / step) - first + 1;
  const ticks = Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { type: 'linear', domain: [1.08 * low, 1.08 * high], ticks };
}

/** A measured axis (times, counts) around its values: log where they span decades, from zero or what is below it where not. */
export function measuredScale(values: readonly number[], most: number, bytes = false): MeasuredScale {
  const finite = values.filter((value) => Number.isFinite(value));
  const positive = finite.filter((value) => value > 0);
  const high = Math.max(...finite, 0) || 1;
  const low = Math.min(...positive, high);
  if (positive.length === finite.length && spansDecades(positive)) {
    const domain: [number, number] = [low / 1.25, high * 1.25];
    return { type: 'log', domain, ticks: bytes ? byteTicks(domain, most) : logTicks(domain, most) };
  }
  const below = Math.min(0, ...finite);
  // Nothing but zeros has an axis too.
  return linearScale(below, below === 0 ? high : Math.max(0, ...finite), most);
}

/** Below this times the greatest value a difference cannot be seen beside it: what is less stands with nothing. */
const TINY = 1e-5;

/** The same where some values are nothing, which has no logarithm: it stands at the foot of the axis, as 0. */
export function countScale(values: readonly number[], most: number, bytes = false): MeasuredScale {
  const finite = values.filter((value) => Number.isFinite(value));
  const seen = finite.filter((value) => value > TINY * Math.max(...finite));
  if (finite.some((value) => value < 0) || seen.length === finite.length || !spansDecades(seen))
    return measuredScale(values, most, bytes);
  const above = measuredScale(seen, most - 1, bytes);
  const [low, high] = above.domain;
  // As far below the least value as an eighth of the axis.
  const zeroAt = low / (high / low) ** (1 / 7);
  return { ...above, domain: [zeroAt, high], ticks: [zeroAt, ...above.ticks], zeroAt };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
}

/** A position 0..1 on a scale of numbers, and back. */
export function place(scale: { type: string; domain: readonly [number, number] }): {
  to: (v: number) => number;
  from: (p: number) => number;
} {
  const [low, high] = scale.domain;
  if (scale.type !== 'log')
    return { to: (v) => (v - low) / (high - low), from: (p) => low + p * (high - low) };
  const [a, b] = [Math.log(low), Math.log(high)];
  return { to: (v) => (Math.log(v) - a) / (b - a), from: (p) => Math.exp(a + p * (b - a)) };
}

/** Moves places apart until neighbours are `gap` from each other, as little as possible; keeps order and 0..1. */
export function spread(places: readonly number[], gap: number): number[] {
  const order = places.map((at, i) => ({ at, i })).sort((a, b) => a.at - b.at);
  let last = Number.NEGATIVE_INFINITY;
  for (const item of order) last = item.at = Math.max(item.at, last + gap);
  let ceiling = 1;
  for (const item of [...order].reverse()) {
    item.at = Math.min(item.at, ceiling);
    ceiling = item.at - gap;
  }
  const result = new Array<number>(places.length);
  for (const { at, i } of order) result[i] = at;
  return result;
}
