/** The names in an experiment's figures, checked before the first run: a typo should not cost a second sweep. */
import { InputError } from '../../base/errors.js';
import { PARAMETERS } from '../../input/parameters.js';
import { didYouMean } from '../../input/values/suggest.js';
import { type Experiment, setPaths } from '../../sweep/experiment/experiment.js';
import { METRIC_COLUMNS, runColumns } from '../../sweep/results/columns.js';
import { summaryColumns } from '../../sweep/results/summary.js';
import { columnOf } from './data.js';
import { metricColumns } from './series.js';

/** InputError for the first figure that names a parameter or column which the results will not have. */
export function checkFigures(experiment: Experiment): void {
  const columns = summaryColumns(runColumns(setPaths(experiment))).map((column) => column.name);
  const paths = PARAMETERS.filter(({ column }) => columns.includes(column)).map(({ path }) => path);
  for (const [i, spec] of experiment.figures.entries()) {
    const { x, y, by, facet, where = {}, metric } = spec;
    const inWhere = Object.keys(where).map((name) => [`where.${name}`, name] as const);
    const named = Object.entries({ x, y, by, facet });
    for (const [key, name] of [...named, ...inWhere])
      if (name !== undefined && !columns.includes(columnOf(name)))
        throw new InputError(
          `figures[${i}].${key}: the results have no '${name}'${didYouMean(name, [...paths, ...columns])}`,
        );
    if (metric !== undefined && !columns.includes(metricColumns(metric).mean))
      throw new InputError(
        `figures[${i}].metric: '${metric}' is not what a run gives${didYouMean(
          metric,
          METRIC_COLUMNS.map(({ name }) => name),
        )}`,
      );
  }
}
