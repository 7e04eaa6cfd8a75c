/** The stop over the number of migrations at a time: drawn as what `solve parallel` looked at. */
import type { EvacuationAnswer } from '../../study/evacuate/evacuate.js';
import { keptShare } from '../evacuate-text.js';
import type { Drawing } from './render.js';
import { type Looked, responseFigure } from './response.js';

/** The drawing of an evacuation. */
export function evacuationFigure(answer: EvacuationAnswer): Drawing {
  const { strategies, vms, budget_ms } = answer;
  return responseFigure(
    strategies.map(
      ({ strategy, variant, parallel_that_fits: value, looked_at }): Looked => ({
        strategy,
        variant,
        quantity: 'parallel',
        path: 'parallel',
        unit: '',
        criterion: `${keptShare(answer)} of the stops within the budget`,
        state: value === null ? 'none-fits' : value === vms ? 'all-fit' : 'root',
        sense: 'largest',
        value,
        lo: value,
        hi: value,
        budget_ms,
        evaluations: looked_at.map(({ parallel, downtime_ms }) => ({
          value: parallel,
          stop_ms: downtime_ms.p95,
        })),
      }),
    ),
  );
}
