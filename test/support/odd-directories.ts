/** Directories that programs read in their own ways: several names, protocols, options, other forms of a name. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Calibrated, calibrateSource } from '../../src/lab/calibrate/calibrate.js';

export const ODD = ['vm:images', 'd;x', 'a,b', '-t', 'json:{}'];

/** Measures the odd directory of this name, briefly; nothing may stay in it, and nothing beside it be touched. */
export async function calibratedInOdd(
  directory: string,
  name: string,
  probe: 'builtin' | 'fio',
): Promise<Calibrated> {
  const outside = name.split(/[:;,]/)[0]!;
  const inside = join(directory, name);
  if (outside !== name) writeFileSync(join(directory, outside), 'my only copy');
  mkdirSync(inside);
  const before = readdirSync(directory);
  const back = process.cwd();
  process.chdir(directory);
  let calibrated: Calibrated;
  try {
    calibrated = await calibrateSource([name], { direct: false, budgetMs: 150, probe });
  } finally {
    process.chdir(back);
  }
  expect(readdirSync(directory)).toEqual(before);
  expect(readdirSync(inside)).toEqual([]);
  if (outside !== name) expect(readFileSync(join(directory, outside), 'utf8')).toBe('my only copy');
  return calibrated;
}
