/** From what the user points at to a storage: a directory is measured, files are read as fio's output. */
import { statSync } from 'node:fs';
import { InputError } from '../../base/errors.js';
import { fioValues } from '../../input/fio/several-results.js';
import type { StorageValues } from '../../input/storage-values/values.js';
import { readText, unreadable } from '../../input/values/files.js';
import { isStream } from '../../input/values/streams.js';
import { withCleanup } from '../process/cleanup.js';
import { findProgram, requirePrograms, runProgram } from '../process/programs.js';
import { probeDirectory } from './probe.js';
import { probeValues } from './probe-values.js';
import { runFio } from './run-fio.js';

export interface CalibrateOptions {
  readonly probe: 'auto' | 'builtin' | 'fio';
  readonly direct: boolean;
  readonly budgetMs: number;
  readonly onProgress?: (done: number, what: string) => void;
}

export interface Calibrated {
  readonly found: StorageValues;
  readonly tool: string;
}

export async function calibrateSource(
  sources: readonly string[],
  options: CalibrateOptions,
): Promise<Calibrated> {
  const kinds = sources.map((source) => (isStream(source) ? 'file' : kindOf(source)));
  if (!kinds.includes('directory')) {
    const found = fioValues(sources.map((name) => ({ name, text: readText(name, 'calibrate') })));
    return { found, tool: 'fio output' };
  }
  if (sources.length > 1)
    throw new InputError(
      `calibrate: '${sources.join("', '")}': one directory, or one or more files of fio's output`,
    );
  return measureDirectory(sources[0]!, options);
}

async function measureDirectory(directory: string, options: CalibrateOptions): Promise<Calibrated> {
  if (options.probe === 'fio') requirePrograms(['fio'], '--probe fio');
  const withFio = options.probe === 'fio' || (options.probe === 'auto' && findProgram('fio') !== undefined);
  return withCleanup(async (cleanup) => {
    if (withFio) {
      const found = fioValues(await runFio(cleanup, directory, options));
      const { stdout } = await runProgram('fio', ['--version'], 10_000);
      return { found, tool: stdout.trim() };
    }
    const probe = await probeDirectory(cleanup, directory, options);
    return { found: probeValues(probe, options.direct), tool: 'built-in probe' };
  });
}

function kindOf(path: string): 'directory' | 'file' {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    throw new InputError(`calibrate: '${path}': ${unreadable(error)}; expected a directory or a file`);
  }
}
