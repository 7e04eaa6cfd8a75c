/**
 * Pre-flush as a machine-repair queue: M chunks that "break" (a bit of them is set, they are stale) and one repairman
 * (the flusher) who needs a time for each. Unlike in the textbook a chunk may break again while it is being repaired,
 * because its mark is cleared before its copy is made. Load: rate of setting writes times service time.
 */
import { logBinomialProbability } from '../../kernel/counts.js';
import { normalProbability } from '../../kernel/normal.js';

/** Time shares of a pre-flush in the steady state. */
export interface RepairState {
  /** Mean number of stale chunks, the one being written not included. */
  readonly staleMean: number;
  /** Share of the time with a write in flight. */
  readonly busyShare: number;
  /** P(n stale), n = 0..M; idle counts as 0. */
  readonly stale: Float64Array;
}

/**
 * Exponential service: a birth-death chain, idle – busy with 0 – busy with 1 – … – busy with M stale. Each clean chunk
 * (M less the stale ones) breaks at rate `load` / M in units of the service rate.
 */
export function exponentialRepair(chunks: number, load: number): RepairState {
  // Relative weights: idle 1, busy with 0: load, busy with n + 1: times (M - n) load / M. In logs against overflow.
  const logs = new Float64Array(chunks + 1);
  logs[0] = Math.log(load);
  for (let n = 0; n < chunks; n++) logs[n + 1] = logs[n]! + Math.log((load * (chunks - n)) / chunks);
  const top = Math.max(0, ...logs);
  const idle = Math.exp(-top);
  const stale = logs.map((log) => Math.exp(log - top));
  const total = stale.reduce((a, b) => a + b, idle);
  const busyShare = 1 - idle / total;
  stale[0] = stale[0]! + idle;
  const shares = stale.map((weight) => weight / total);
  return { staleMean: shares.reduce((sum, p, n) => sum + p * n, 0), busyShare, stale: shares };
}

/** Above so many chunks the chain is left for its limits. */
const CHAIN_CHUNKS_MAX = 600;
/** Standard deviations beyond which a normal variable is left out of account. */
const BEYOND = 8;
const STEPS_MAX = 20_000;
const STILL = 1e-10;

/** P(j of m clean chunks break within a service), j = 0..m. */
const breakages = (m: number, p: number): Float64Array =>
  Float64Array.from({ length: m + 1 }, (_, j) => Math.exp(logBinomialProbability(j, m, p)));

/** Stale chunks left behind at the ends of services, by iteration from the fluid limit. */
function embedded(chunks: number, load: number): Float64Array {
  const p = -Math.expm1(-load / chunks);
  const rows = Array.from({ length: chunks + 1 }, (_, n) => breakages(chunks - Math.max(0, n - 1), p));
  let shares = new Float64Array(chunks + 1);
  shares[Math.round(chunks * Math.max(0, 1 - 1 / load))] = 1;
  for (let step = 0; step < STEPS_MAX; step++) {
    const next = new Float64Array(chunks + 1);
    for (let n = 0; n <= chunks; n++) {
      const weight = shares[n]!;
      if (weight < 1e-14) continue;
      const row = rows[n]!;
      const begin = Math.max(0, n - 1);
      for (let j = 0; j < row.length; j++) next[begin + j] = next[begin + j]! + weight * row[j]!;
    }
    const change = next.reduce((sum, x, n) => sum + Math.abs(x - shares[n]!), 0);
    shares = next;
    if (change < STILL) break;
  }
  return shares;
}

/**
 * Of many chunks the stale ones wander about the fluid limit M (1 - 1 / load) like a normal variable that is cut off at 0: marks
 * come at random and services end on time, so its variance is M / 2 up to saturation and M / (2 load) beyond.
 */
function diffusionMean(chunks: number, load: number): number {
  const middle = chunks * (1 - 1 / load);
  const deviation = Math.sqrt(chunks / (2 * Math.max(1, load)));
  const cut = -middle / deviation;
  // So far below saturation the number of chunks does not matter.
  if (cut > BEYOND) return Number.POSITIVE_INFINITY;
  const density = Math.exp((-cut * cut) / 2) / Math.sqrt(2 * Math.PI);
  return middle + (deviation * density) / normalProbability(-cut);
}

/**
 * Fixed service: mean number of stale chunks. The chain embedded at the ends of services up to 600 chunks; above, the
 * diffusion limit, and where it is less M/D/1 (Pollaczek and Khinchin), which knows no end of chunks and is right far below saturation.
 */
export function fixedRepairStaleMean(chunks: number, load: number): number {
  if (load <= 0) return 0;
  if (chunks > CHAIN_CHUNKS_MAX) {
    const endless = load < 1 ? (load * load) / (2 * (1 - load)) : Number.POSITIVE_INFINITY;
    return Math.min(endless, diffusionMean(chunks, load));
  }
  const shares = embedded(chunks, load);
  // Within a service that begins with k stale the mean is M - (M - k)(1 - e^-a) / a, a = load / M.
  const a = load / chunks;
  const clean = -Math.expm1(-a) / a;
  let area = 0;
  let time = 0;
  for (let n = 0; n <= chunks; n++) {
    area += shares[n]! * (chunks - (chunks - Math.max(0, n - 1)) * clean);
    // After n = 0 the flusher idles for 1 / load services on average, with nothing stale.
    time += shares[n]! * (n === 0 ? 1 + 1 / load : 1);
  }
  return area / time;
}

/** Share of the chunks that stays stale however long the flusher works: 0 below a load of 1. */
export function staleShareBeyond(load: number): number {
  return Math.max(0, 1 - 1 / load);
}
