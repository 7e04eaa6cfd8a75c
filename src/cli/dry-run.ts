/** `sweep --dry-run`: what it would run, and how long that takes. */
import type { Plan } from '../sweep/run/plan.js';
import type { Shard } from '../sweep/run/shard.js';
import { print, printJson } from './stdout.js';

interface Asked {
  readonly plan: Plan;
  readonly shard: Shard;
  readonly jobs: number;
  readonly out: string;
}

/** What a sweep into `out` would take; rows that are there already take nothing, except with --columns. */
export async function dryRun(
  { plan, shard, jobs, out }: Asked,
  flags: { readonly columns: string | undefined; readonly json: boolean },
): Promise<void> {
  const [{ estimate }, { formatSize, formatTime }, { knownRowsIn }] = await Promise.all([
    import('../sweep/run/estimate.js'),
    import('../base/units.js'),
    import('../sweep/results/runs-file.js'),
  ]);
  const known = out === '-' || flags.columns !== undefined ? undefined : knownRowsIn(out);
  const result = await estimate(plan, shard, jobs, known && known.size > 0 ? known : undefined);
  known?.close();
  if (flags.json) {
    printJson(result);
    return;
  }
  const { experiment } = plan;
  const axes = experiment.axes.map(
    (axis) => `  ${axis.path}: ${axis.values.map((value) => describe(value.raw)).join(', ')}`,
  );
  const least = experiment.size.kind === 'precision' ? ' at least' : '';
  const lines = [
    `${experiment.name}: ${experiment.title}`,
    ...(axes.length > 0 ? ['axes', ...axes] : []),
    `points ${result.points}, replications${least} ${result.replications}, rows${least} ${result.rows}`,
    ...(result.known > 0 ? [`known already: ${result.known} replications in ${out}`] : []),
    `time about ${duration(result.seconds)} with ${jobs} ${jobs === 1 ? 'job' : 'jobs'} (${formatTime(1e6 * result.replicationMs)} a replication, from ${result.sampled} points)`,
    `memory up to ${formatSize(result.workerBytes)} of bits per job`,
  ];
  print(`${lines.join('\n')}\n`);
}

const describe = (raw: unknown): string => (typeof raw === 'object' ? JSON.stringify(raw) : String(raw));

function duration(seconds: number): string {
  if (seconds < 100) return `${seconds < 1 ? seconds.toPrecision(1) : Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
