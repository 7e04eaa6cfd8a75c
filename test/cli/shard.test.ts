/** Shards as schedulers of clusters tell them, and a sweep as a list of commands. */
import { describe, expect, it } from 'vitest';
import { parseShard } from '../../src/cli/shard.js';
import { printed } from '../support/in-process.js';

describe('--shard auto', () => {
  it.each([
    [{ SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MIN: '5', SLURM_ARRAY_TASK_COUNT: '4' }, 3, 4],
    [{ JOB_COMPLETION_INDEX: '0', STOPGAP_SHARDS: '8' }, 1, 8],
    [{ AWS_BATCH_JOB_ARRAY_INDEX: '9', AWS_BATCH_JOB_ARRAY_SIZE: '10' }, 10, 10],
    [{ PBS_ARRAY_INDEX: '2', STOPGAP_SHARDS: '3' }, 2, 3],
    [{ SGE_TASK_ID: '4', SGE_TASK_FIRST: '1', SGE_TASK_LAST: '6' }, 4, 6],
    // Outside an array job Grid Engine and LSF say so.
    [{ SGE_TASK_ID: 'undefined', LSB_JOBINDEX: '3', LSB_JOBINDEX_END: '5' }, 3, 5],
  ])('%j', (variables, index, of) => {
    expect(parseShard('auto', variables)).toEqual({ index, of });
  });

  it('says what is missing', () => {
    expect(() => parseShard('auto', {})).toThrow(/SLURM_ARRAY_TASK_ID/);
    expect(() => parseShard('auto', { JOB_COMPLETION_INDEX: '1' })).toThrow(/STOPGAP_SHARDS/);
    expect(() => parseShard('auto', { PBS_ARRAY_INDEX: '4', STOPGAP_SHARDS: '3' })).toThrow(
      /none of 3 tasks/,
    );
  });
});

it('--list-commands prints a command for each shard, and the merge', async () => {
  const lines = (await printed('sweep', '01', '--quick', '--list-commands', '2', '--out', 'a b'))
    .trim()
    .split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^stopgap sweep .*--shard 1\/2 --out 'a b.shard-1-of-2'$/);
  expect(lines[2]).toBe("# then: stopgap merge 'a b.shard-1-of-2' 'a b.shard-2-of-2' --out 'a b'");
});
