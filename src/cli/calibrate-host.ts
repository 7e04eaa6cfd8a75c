/** `stopgap calibrate --host`: this machine as a host preset. */
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { InputError } from '../base/errors.js';
import { formatTime } from '../base/units.js';
import { claimOutput } from '../files/output.js';
import type { CalibratedHost } from '../lab/calibrate-host/calibrated.js';
import { HOST } from '../sim/parameters/host.js';
import { figureOf, uncertainFigures } from '../sim/stop/host-share.js';
import { note } from './stderr.js';
import { print, printFile, printJson } from './stdout.js';

export interface CalibrateHostFlags {
  readonly source?: string[];
  readonly dir?: string;
  readonly probe: 'auto' | 'builtin' | 'qemu' | 'fio';
  readonly seconds?: number;
  readonly out?: string;
  readonly force: boolean;
  readonly json: boolean;
}

const SECONDS = { least: 5, most: 30, usual: 22 } as const;

/** How long it may take, in milliseconds. */
function budgetMs(seconds: number = SECONDS.usual): number {
  if (seconds >= SECONDS.least && seconds <= SECONDS.most) return seconds * 1000;
  throw new InputError(
    `--seconds: '${seconds}' is not a number from ${SECONDS.least} to ${SECONDS.most}, which is for --host`,
  );
}

/** Measures, with progress. */
export async function calibratedHost(
  probe: 'auto' | 'builtin' | 'qemu' = 'auto',
  seconds?: number,
): Promise<CalibratedHost> {
  const budget = budgetMs(seconds);
  const { calibrateHost } = await import('../lab/calibrate-host/calibrate-host.js');
  const { withProgress } = await import('./progress.js');
  return withProgress('calibrating the host', (tick) =>
    calibrateHost({ probe, budgetMs: budget, onProgress: (done) => tick(Math.round(done * 100), 100) }),
  );
}

/** The whole command with `--host`. */
export async function calibrateThisHost(flags: CalibrateHostFlags): Promise<void> {
  const { probe, seconds, force } = flags;
  if (flags.dir !== undefined || (flags.source ?? []).length > 0)
    throw new InputError('--host: measures this machine, and no directory or file; leave those out');
  if (probe === 'fio')
    throw new InputError('--probe fio: measures a storage; with --host: auto, builtin or qemu');
  const { HOST_FILE_MARK, hostYaml } = await import('../lab/calibrate-host/host-file.js');
  const out =
    flags.out === undefined || flags.json
      ? undefined
      : claimOutput(flags.out, { flag: '--out', mark: HOST_FILE_MARK, force, inputs: [] });
  const made = await calibratedHost(probe, seconds);
  const { host, measured, tool, notes } = made;
  for (const text of notes) note(text);
  if (flags.json) return printJson({ tool, notes, measured: [...measured], host });
  const yaml = hostYaml(made, {
    date: new Date().toISOString().slice(0, 10),
    command: `stopgap calibrate --host${out ? ` --out ${basename(out.path)}` : ''}`,
    processor: cpus()[0]?.model.trim() || 'an unknown processor',
  });
  if (!out) return printFile(yaml);
  out.write(yaml);
  for (const [figure, spread] of uncertainFigures(host)) {
    const { path, per = 1 } = HOST[figure] as { readonly path: string; readonly per?: number };
    const from = measured.has(figure) ? '' : '  not told by the stops';
    print(
      `${path.padEnd(26)} ${formatTime(figureOf(host, figure) * per)} ± ${formatTime(spread * per)}${from}\n`,
    );
  }
  print(`\nby ${tool}\n${out.path} written; use it with: stopgap ask --host ${out.path}\n`);
}
