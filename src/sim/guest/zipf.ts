/**
 * Zipf ranks: P(rank = k) proportional to k^-theta, k = 1..n, exact for any theta >= 0 and any n, without tables.
 * Rejection-inversion (W. Hoermann and G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", ACM TOMACS 6(3), 1996): less than 1.2 tries on average.
 */
import type { WordSource } from './word-source.js';

/** log(1 + x) / x and (e^x - 1) / x, both 1 at 0. */
const logRatio = (x: number): number => (Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2);
const expRatio = (x: number): number => (Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2);

export class Zipf {
  readonly theta: number;
  readonly n: number;
  private readonly top: number;
  private readonly span: number;
  private readonly sure: number;

  constructor(n: number, theta: number) {
    this.n = n;
    this.theta = theta;
    this.top = this.integral(1.5) - 1;
    this.span = this.integral(n + 0.5) - this.top;
    this.sure = 2 - this.inverse(this.integral(2.5) - this.weight(2));
  }

  /** A rank in [0, n), 0 the most frequent. */
  draw(source: WordSource): number {
    for (;;) {
      const u = this.top + source.uniform() * this.span;
      const x = this.inverse(u);
      const k = Math.min(this.n, Math.max(1, Math.round(x)));
      if (k - x <= this.sure || u >= this.integral(k + 0.5) - this.weight(k)) return k - 1;
    }
  }

  /** k^-theta. */
  weight(k: number): number {
    return Math.exp(-this.theta * Math.log(k));
  }

  /** Integral of x^-theta from 1 to x; also where theta is 1. */
  integral(x: number): number {
    const log = Math.log(x);
    return expRatio((1 - this.theta) * log) * log;
  }

  private inverse(y: number): number {
    const t = Math.max(-1, y * (1 - this.theta));
    return Math.exp(logRatio(t) * y);
  }
}
