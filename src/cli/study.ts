/** What the studies (`solve`, `compare`, `sensitivity`) have in common: options, the bar that counts runs, and the forms of output. */
import { InputError } from '../base/errors.js';
import type { Simulate } from '../study/simulate.js';
import { FIGURE, type FigureFlags } from './figure.js';
import { JOBS, type Threads, withSimulations } from './simulations.js';

export interface StudyFlags extends FigureFlags {
  readonly jobs?: string | undefined;
  readonly csv: boolean;
  readonly json: boolean;
}

const SWITCH = { type: 'boolean', default: false } as const;

/** The options; `csv` says what is in that form. */
export const studyOptions = (csv: string) =>
  ({
    ...FIGURE,
    jobs: JOBS,
    csv: { ...SWITCH, describe: csv },
    json: { ...SWITCH, describe: 'the answer as JSON' },
  }) as const;

/** InputError where two forms are asked for at once. */
export function refuseTwoForms({ json, csv }: StudyFlags): void {
  if (json && csv) throw new InputError('--csv: not together with --json; give one of them');
}

/** Runs a study under a bar of `expected` runs, which goes on growing if it takes more. */
export async function study<T>(
  threads: Threads,
  expected: number,
  simulated: (simulate: Simulate) => Promise<T>,
): Promise<T> {
  const { withProgress } = await import('./progress.js');
  return withProgress('runs', (tick) =>
    withSimulations(threads, (done) => tick(done, Math.max(expected, Math.ceil(done * 1.05))), simulated),
  );
}
