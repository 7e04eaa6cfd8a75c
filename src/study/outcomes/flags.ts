/** The flags that only `outcomes` has: probabilities, fault rates, the fleet. */
import { InputError } from '../../base/errors.js';
import { parseFraction, parseRate, parseSize, parseTime } from '../../base/units.js';
import { parseFaultRates, parseTimedFault } from '../../input/fault-rate.js';
import type { AllTimes, CostQuestion } from './costs.js';
import { parseProbabilities, probabilitiesFrom } from './probability.js';

export interface CostFlags {
  readonly 'failure-probability'?: readonly string[] | undefined;
  readonly 'fault-rate'?: readonly string[] | undefined;
  readonly fault?: string | undefined;
  readonly 'kill-share'?: string | undefined;
  readonly 'migrations-per-year'?: string | undefined;
  readonly vms?: string | undefined;
  readonly 'backup-bytes'?: string | undefined;
  readonly 'backup-rate'?: string | undefined;
  readonly 'full-backup-worth'?: string | undefined;
}

/** Migrations of a fleet in a year stay whole numbers that a double holds exactly. */
const VMS_MAX = 1e9;
const MIGRATIONS_MAX = 1e6;

function parsePositive(text: string, where: string, max: number, whole: boolean): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0) || value > max || (whole && !Number.isInteger(value)))
    throw new InputError(`${where}: '${text}' is not a ${whole ? 'whole ' : ''}number above 0, up to ${max}`);
  return value;
}

function parseBackupBytes(text: string): number {
  const bytes = parseSize(text, '--backup-bytes');
  if (bytes === 0) throw new InputError(`--backup-bytes: '${text}' is not a size above 0`);
  return bytes;
}

const given = <T>(text: string | undefined, parse: (text: string) => T): T | undefined =>
  text === undefined ? undefined : parse(text);

/** Checks all cost flags. Times are asked for later, since fault rates need them. */
export function costQuestion(flags: CostFlags): (times: AllTimes) => CostQuestion {
  const probabilities = parseProbabilities(flags['failure-probability'] ?? []);
  const rates = given(flags['fault-rate']?.join(','), (text) => parseFaultRates([text]));
  if (rates && probabilities.length > 0)
    throw new InputError(
      '--fault-rate: outcomes follow from the rates; --failure-probability cannot be given too',
    );
  const killShare = given(flags['kill-share'], (text) => parseFraction(text, '--kill-share'));
  if (killShare !== undefined && !rates)
    throw new InputError(
      '--kill-share: needs --fault-rate; otherwise give ok-kill and cancel-kill a probability',
    );
  const backupRate = given(flags['backup-rate'], (text) => parseRate(text, '--backup-rate'));
  if (backupRate === Number.POSITIVE_INFINITY)
    throw new InputError("--backup-rate: 'unlimited' is not a rate such as 200MiB/s");
  const fleet = {
    migrationsPerYear: given(flags['migrations-per-year'], (text) =>
      parsePositive(text, '--migrations-per-year', MIGRATIONS_MAX, false),
    ),
    vms: given(flags.vms, (text) => parsePositive(text, '--vms', VMS_MAX, true)),
    backupBytes: given(flags['backup-bytes'], parseBackupBytes),
    backupBytesPerS: backupRate,
  };
  const worthNs = given(flags['full-backup-worth'], (text) => parseTime(text, '--full-backup-worth'));
  const fault = given(flags.fault, (text) => parseTimedFault(text));
  return (times) => ({
    fault: fault ?? null,
    probabilitiesOf: (route) => {
      const timeline = times[route]?.timeline;
      return rates && timeline ? probabilitiesFrom(rates, timeline, killShare ?? 0) : probabilities;
    },
    fleet: Object.fromEntries(Object.entries(fleet).filter(([, value]) => value !== undefined)),
    fullBackupWorthMs: worthNs === undefined ? null : worthNs / 1e6,
  });
}
