/** `stopgap validate` as a user types it: what it prints, and its exit status. */
import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.js';

const ROWS = 'results/validation';
const validate = (...args: string[]) => inProcess('validate', ...args);

describe('validate --json', () => {
  it('has the fields of the contract, fractions not percent', async () => {
    const { code, out } = await validate(`${ROWS}/punch.csv`, '--json');
    expect(code).toBe(0);
    const json = JSON.parse(out);
    for (const key of ['n', 'median_ape', 'p90_ape', 'max_ape', 'mae_ms', 'bias_pct', 'wrong_verdicts'])
      expect(json[key], key).toBeTypeOf('number');
    expect(json.op_count_mismatches).toBe(0);
    expect(json.coverage95).toBeGreaterThan(0.9);
    expect(json.coverage95).toBeLessThan(0.98);
    expect(json.short).toEqual({ n: expect.any(Number), p90_abs_ms: expect.any(Number) });
    expect(json.median_ape).toBeLessThan(0.05);
    for (const row of json.rows) {
      expect(row).toMatchObject({ config: expect.any(String), phase: expect.any(String) });
      expect(row.lo_ms).toBeLessThanOrEqual(row.predicted_ms);
      expect(row.hi_ms).toBeGreaterThanOrEqual(row.predicted_ms);
      expect(row.ape).toBeCloseTo(Math.abs(row.predicted_ms - row.measured_ms) / row.measured_ms, 2);
    }
  });

  it('of a handover has the source side beside the blackout', async () => {
    const json = JSON.parse((await validate(`${ROWS}/handover.csv`, '--json')).out);
    expect(json.source.n).toBeGreaterThan(10);
    expect(json.source.rows).toHaveLength(json.rows.length);
  });

  it('leaves stops shorter than --min-ms out of the percentages', async () => {
    const at = async (ms: string) =>
      JSON.parse((await validate(`${ROWS}/store.csv`, '--json', '--min-ms', ms)).out);
    const [all, long] = [await at('0'), await at('300')];
    expect(all.short.n).toBe(0);
    expect(long.n + long.short.n).toBe(all.n);
    expect(long.n).toBeLessThan(all.n);
  });
});

describe('exit status', () => {
  it.each([
    [0, ['--max-median', '1.5%', '--max-p90', '5%']],
    [1, ['--max-median', '0.1%']],
    [1, ['--max-p90', '0.01']],
    [2, ['--max-p90', 'little']],
    [2, ['--min-ms', '-1']],
    [0, ['--budget', 'qemu']],
    [2, ['--budget', '0ms']],
  ])('%d for %j', async (status, flags) => {
    const { code, err } = await validate(`${ROWS}/scan.csv`, ...flags);
    expect(code).toBe(status);
    if (status === 0) expect(err).toBe('');
    else expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('2 for a file that is not there', async () => {
    expect(await validate('nowhere.csv')).toMatchObject({
      code: 2,
      err: expect.stringContaining('nowhere.csv'),
    });
  });

  it.each([
    ['outcomes.csv', 78],
    ['outcomes-more.csv', 79],
  ])('0 for fates that agree in every cell of %s', async (file, cells) => {
    const { code, out } = await validate(`${ROWS}/${file}`);
    expect(code).toBe(0);
    expect(out).toContain(`0 of ${cells} cells differ`);
  });
});
