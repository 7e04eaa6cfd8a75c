/** Which shard of a sweep is to be done: as the user says, or as schedulers of clusters put into the environment of array jobs. */
import { InputError } from '../base/errors.js';
import type { Shard } from '../sweep/run/shard.js';

type Variables = Readonly<Record<string, string | undefined>>;

interface Scheduler {
  readonly name: string;
  /** The variable with the number of this task, the one it counts from, and the one with their number or the last of them. */
  readonly index: string;
  readonly first: { readonly variable: string } | { readonly number: number };
  readonly count: { readonly variable: string } | { readonly last: string } | null;
}

const SCHEDULERS: readonly Scheduler[] = [
  {
    name: 'Slurm',
    index: 'SLURM_ARRAY_TASK_ID',
    first: { variable: 'SLURM_ARRAY_TASK_MIN' },
    count: { variable: 'SLURM_ARRAY_TASK_COUNT' },
  },
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', first: { number: 0 }, count: null },
  {
    name: 'AWS Batch',
    index: 'AWS_BATCH_JOB_ARRAY_INDEX',
    first: { number: 0 },
    count: { variable: 'AWS_BATCH_JOB_ARRAY_SIZE' },
  },
  { name: 'PBS', index: 'PBS_ARRAY_INDEX', first: { number: 1 }, count: { variable: 'PBS_ARRAY_COUNT' } },
  {
    name: 'Grid Engine',
    index: 'SGE_TASK_ID',
    first: { variable: 'SGE_TASK_FIRST' },
    count: { last: 'SGE_TASK_LAST' },
  },
  { name: 'LSF', index: 'LSB_JOBINDEX', first: { number: 1 }, count: { last: 'LSB_JOBINDEX_END' } },
];

/** Where the scheduler does not say how many tasks there are, the user does. */
const COUNT = 'STOPGAP_SHARDS';

/** The shard that this task of an array job is. */
function shardOfArray(variables: Variables): Shard {
  const number = (name: string): number | undefined => {
    const text = variables[name];
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const found = SCHEDULERS.find(({ index }) => number(index) !== undefined);
  if (!found)
    throw new InputError(`--shard auto: none of ${SCHEDULERS.map(({ index }) => index).join(', ')} is set`);
  const first = 'number' in found.first ? found.first.number : (number(found.first.variable) ?? 1);
  const own = number(found.index)!;
  const of = number(COUNT) ?? countOf(found, first, number);
  if (of === undefined)
    throw new InputError(`--shard auto: ${found.name} does not say of how many; set ${COUNT}`);
  const shard = { index: own - first + 1, of };
  if (!(shard.index >= 1 && shard.index <= of))
    throw new InputError(
      `--shard auto: ${found.index} is ${own}, which is none of ${of} tasks from ${first} on`,
    );
  return shard;
}

function countOf({ count }: Scheduler, first: number, number: (name: string) => number | undefined) {
  if (count === null) return undefined;
  if ('variable' in count) return number(count.variable);
  const last = number(count.last);
  return last === undefined ? undefined : last - first + 1;
}

/** `2/3`: the second of three; `auto`: what the scheduler of a cluster says in its variables. */
export function parseShard(text: string | undefined, variables: Variables = process.env): Shard {
  if (text === undefined) return { index: 1, of: 1 };
  if (text === 'auto') return shardOfArray(variables);
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (!(shard.index >= 1 && shard.index <= shard.of))
    throw new InputError(`--shard: '${text}' is not of the form 1/3 … 3/3`);
  return shard;
}
