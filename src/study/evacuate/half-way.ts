/**
 * An evacuation that comes to a halt half-way: each VM has an image and bitmaps of its own, so what becomes of them is what
 * becomes of that VM's migration at the stage it is at.
 */
import { rulesOf } from '../../fate/rules.js';
import type { EvacuationSpec, Scenario } from '../../sim/scenario.js';
import { usualRouteOf } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { historyOf, type OutcomeCell, outcomeCell } from '../outcomes/cells.js';

type Stage = 'away' | 'running' | 'in-stop' | 'waiting';

/** Where the bitmaps of a VM are then, and what the next backup is. */
type Whereabouts = Pick<
  OutcomeCell,
  | 'outcome'
  | 'survivor'
  | 'source'
  | 'destination'
  | 'image_at_end'
  | 'backup_live'
  | 'backup_after_boot'
  | 'measured'
>;

/** The VMs of one stage; together they are all. */
export interface HalfWay {
  /** Gone; under way with their guests running, or in the stop before the store; not begun. */
  readonly stage: Stage;
  readonly most_vms: number;
  /** Management cancels what is under way; null: nothing has been done to these. */
  readonly cancelled: Whereabouts | null;
  /** The host that they leave dies. */
  readonly host_dies: Whereabouts;
}

/** What a halt is to a VM at each stage. One that waits loses with its process what one under way does. */
const OUTCOMES = {
  away: { cancelled: 'ok-quit', dies: 'ok-quit' },
  running: { cancelled: 'cancel-quit', dies: 'src-dies-running' },
  'in-stop': { cancelled: 'cancel-preswitch', dies: 'src-dies-preswitch' },
  waiting: { cancelled: null, dies: 'src-dies-running' },
} as const;

/** Every stage under one strategy. */
export function halfWay(
  scenario: Scenario,
  spec: StrategySpec,
  { vms, parallel }: Pick<EvacuationSpec, 'vms' | 'parallel'>,
): readonly HalfWay[] {
  const route = usualRouteOf(spec);
  const [rules, history] = [rulesOf(scenario), historyOf(scenario)];
  const after = (name: string): Whereabouts => {
    const cell = outcomeCell(name, route, history, rules, () => undefined);
    const { outcome, survivor, source, destination, image_at_end } = cell;
    const { backup_live, backup_after_boot, measured } = cell;
    const where = { outcome, survivor, source, destination, image_at_end };
    return { ...where, backup_live, backup_after_boot, measured };
  };
  const underWay = Math.min(parallel, vms);
  const most = { away: vms - 1, running: underWay, 'in-stop': underWay, waiting: vms - underWay };
  return (['away', 'running', 'in-stop', 'waiting'] as const).map((stage) => {
    const { cancelled, dies } = OUTCOMES[stage];
    return {
      stage,
      most_vms: most[stage],
      cancelled: cancelled && after(cancelled),
      host_dies: after(dies),
    };
  });
}
