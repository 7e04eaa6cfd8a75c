/** A metric by its column, as `--metric` names it. */
import { InputError } from '../base/errors.js';
import { oneOf } from '../input/values/suggest.js';
import { METRIC_NAMES, metricRow } from '../sim/machine/measure.js';
import type { MetricName } from '../sim/machine/metrics.js';

/** InputError where no single number has that column. */
export function metricOf(column: string): MetricName {
  const names = METRIC_NAMES.filter((name) => name !== 'phasesNs');
  const name = names.find((each) => metricRow(each).column === column);
  if (name) return name;
  throw new InputError(`--metric: '${column}' is not ${oneOf(names.map((each) => metricRow(each).column))}`);
}
