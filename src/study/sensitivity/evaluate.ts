/** The value of the output at points of the unit cube. Points that stand for the same settings are run once. */
import { remembered } from '../../base/remembered.js';
import type { Resolved } from '../../input/resolve.js';
import { metricRow } from '../../sim/machine/measure.js';
import type { MetricName } from '../../sim/machine/metrics.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { isDeterministic } from '../run.js';
import { replicationsFrom, type Simulate, stopNs } from '../simulate.js';
import type { Factor } from './factor.js';

export interface EvaluationInput {
  readonly situation: (settings: Readonly<Record<string, unknown>>) => Promise<Resolved>;
  readonly factors: readonly Factor[];
  readonly spec: StrategySpec;
  readonly metric: MetricName;
  /** Runs of each point; their mean counts. */
  readonly replications: number;
  readonly simulate: Simulate;
}

export interface Evaluated {
  readonly value: number;
  /** Whether most of the runs are over the budget. */
  readonly over: boolean;
}

/** Points under way at once: enough for any number of workers to have something to do. */
const AT_ONCE = 64;

export class Evaluations {
  runs = 0;
  private readonly known = new Map<string, Promise<Evaluated>>();
  private readonly input: EvaluationInput;

  constructor(input: EvaluationInput) {
    this.input = input;
  }

  async at(points: readonly (readonly number[])[]): Promise<Evaluated[]> {
    const done: Evaluated[] = [];
    for (let from = 0; from < points.length; from += AT_ONCE)
      done.push(
        ...(await Promise.all(points.slice(from, from + AT_ONCE).map((point) => this.evaluated(point)))),
      );
    return done;
  }

  private evaluated(point: readonly number[]): Promise<Evaluated> {
    const settings = Object.fromEntries(
      this.input.factors.map(({ path, at }, i) => [path, at(point[i]!)] as const),
    );
    const key = JSON.stringify(settings);
    return remembered(this.known, key, () => this.run(settings));
  }

  private async run(settings: Readonly<Record<string, unknown>>): Promise<Evaluated> {
    const { situation, spec, metric, simulate } = this.input;
    const { scenario, seed, budgetNs } = await situation(settings);
    const count = isDeterministic(scenario) ? 1 : this.input.replications;
    this.runs += count;
    const replications = replicationsFrom(0, count);
    const results = await simulate({ scenario, strategies: [spec], seed, replications });
    const scale = metricRow(metric).kind === 'time' ? 1e-6 : 1;
    let [sum, over] = [0, 0];
    for (const [ran] of results) {
      if (stopNs(ran!) > budgetNs) over++;
      sum += Number(ran!.metrics?.[metric] ?? 0) * scale;
    }
    return { value: sum / count, over: over * 2 > count };
  }
}
