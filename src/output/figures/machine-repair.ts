/**
 * Pre-flush as the machine-repair queue: M chunks that become stale ("break") after an exponential time and one
 * flusher ("repairman") that writes one at a time. Mean number of stale chunks in the steady state of M/M/1//M
 * (D. Gross et al., Fundamentals of Queueing Theory, 2.8.1). A constant service time gives slightly less.
 */
export function meanStaleChunks(chunks: number, stalePerS: number, serviceS: number): number {
  if (stalePerS <= 0) return 0;
  const rho = stalePerS * serviceS;
  // p_k / p_0 = M! / (M - k)! rho^k, in logarithms: M! of a few hundred chunks is beyond a double.
  let log = 0;
  let highest = 0;
  const logs = [0];
  for (let k = 1; k <= chunks; k++) {
    log += Math.log(chunks - k + 1) + Math.log(rho);
    highest = Math.max(highest, log);
    logs.push(log);
  }
  let [sum, weighted] = [0, 0];
  for (const [k, value] of logs.entries()) {
    const p = Math.exp(value - highest);
    sum += p;
    weighted += k * p;
  }
  return weighted / sum;
}
