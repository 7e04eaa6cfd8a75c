/**
 * Which of several systems is best (least), with a stated probability of being right: S. Kim and B. Nelson, "A fully
 * sequential procedure for indifference-zone selection in simulation", ACM TOMACS 11(3), 2001. Systems that are clearly
 * worse drop out, so replications are spent where it is close; common random numbers make it sooner. If the best is better
 * than all others by the indifference, the one that is left is the best with at least that probability.
 */
import { sampleVariance } from 'simple-statistics';
import { assert } from '../base/assert.js';

export interface SelectionRule {
  /** Replications of every system before the first may drop out; at least two. */
  readonly first: number;
  readonly confidence: number;
  /** The smallest difference that is worth finding, in the unit of the values. */
  readonly indifference: number;
}

/** Values by system and replication; a system that has dropped out gets no more. */
export class Selection {
  readonly samples: readonly number[][];
  private readonly rule: SelectionRule;
  private left: readonly number[];
  /** h^2 S_il^2 of the paper, by system and system; after the first replications. */
  private spreads: readonly (readonly number[])[] | undefined;

  constructor(systems: number, rule: SelectionRule) {
    assert(systems >= 1 && rule.first >= 2 && rule.indifference > 0, 'systems, replications, a difference');
    this.rule = rule;
    this.samples = Array.from({ length: systems }, () => []);
    this.left = this.samples.map((_, i) => i);
  }

  /** The systems that may still be the best, by their index. */
  get survivors(): readonly number[] {
    return this.left;
  }

  /** One more replication: a value for each survivor, in their order. */
  add(values: readonly number[]): void {
    assert(values.length === this.left.length, 'a value for each survivor');
    for (const [k, i] of this.left.entries()) this.samples[i]!.push(values[k]!);
    const r = this.samples[this.left[0]!]!.length;
    if (r < this.rule.first || this.left.length === 1) return;
    this.spreads ??= this.spreadsOf();
    this.left = this.left.filter((i) => !this.left.some((other) => other !== i && this.loses(i, other, r)));
  }

  private spreadsOf(): number[][] {
    const { first, confidence } = this.rule;
    const systems = this.samples.length;
    const eta = 0.5 * (((2 * (1 - confidence)) / Math.max(1, systems - 1)) ** (-2 / (first - 1)) - 1);
    const h2 = 2 * eta * (first - 1);
    return this.samples.map((own) =>
      this.samples.map((other) => h2 * sampleVariance(own.map((value, r) => value - other[r]!))),
    );
  }

  /** Whether a system has fallen behind another by more than chance and the indifference explain. Of equals the first stays. */
  private loses(i: number, other: number, r: number): boolean {
    const { indifference } = this.rule;
    const behind = this.samples[i]!.reduce((sum, value, k) => sum + value - this.samples[other]![k]!, 0);
    const spread = this.spreads![i]![other]!;
    const bound = Math.max(0, (spread / indifference - indifference * r) / 2);
    return behind > bound || (bound === 0 && behind === bound && other < i);
  }
}
