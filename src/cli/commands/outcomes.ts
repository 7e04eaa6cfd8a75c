/** `stopgap outcomes`: what becomes of each copy of a bitmap when the migration fails, and what that costs. */
import type { Argv, CommandModule } from 'yargs';
import type { OutcomesAnswer } from '../../study/outcomes/costs.js';
import type { CostFlags } from '../../study/outcomes/flags.js';
import { printFitted } from '../fitted.js';
import {
  isTold,
  resolveTold,
  type SituationFlags,
  scenarioPositional,
  situationOptions,
  toldBy,
} from '../situation.js';
import { printJson } from '../stdout.js';

type Flags = SituationFlags & CostFlags & { readonly json: boolean; readonly detail: boolean };

async function answer(flags: Flags): Promise<OutcomesAnswer> {
  const [{ costQuestion }, { outcomes }, { withProgress }] = await Promise.all([
    import('../../study/outcomes/flags.js'),
    import('../../study/outcomes/ask.js'),
    import('../progress.js'),
  ]);
  const question = costQuestion(flags);
  const told = await toldBy(flags);
  const resolved = await resolveTold(told);
  const asked = { replications: isTold(told, 'replications'), strategies: isTold(told, 'strategies') };
  return withProgress('migrations', (tick) => outcomes(resolved, question, asked, tick));
}

async function handler(flags: Flags): Promise<void> {
  const result = await answer(flags);
  if (flags.json) printJson(result);
  else {
    const { outcomesText } = await import('../../output/outcomes-text.js');
    await printFitted((table) => outcomesText(result, flags.detail, table));
  }
}

const text = { type: 'string', requiresArg: true } as const;
// One value for each: what follows may be the scenario.
const texts = { ...text, array: true, nargs: 1 } as const;

export const command: CommandModule<object, Flags> = {
  command: 'outcomes [scenario]',
  builder: (parser) =>
    scenarioPositional(situationOptions(parser))
      .options({
        json: { type: 'boolean', default: false, describe: 'the answer as JSON' },
        detail: {
          type: 'boolean',
          default: false,
          describe: 'every outcome by itself: each copy, the next backups, the stop',
        },
        'failure-probability': {
          ...texts,
          alias: 'failure-rate',
          describe: 'OUTCOME=P per migration: 2%, 0.02, or observed counts 3/200; repeatable',
        },
        'fault-rate': {
          ...texts,
          describe: 'FAULT=N/h (s, min, h, d, y): outcomes follow from when faults strike each migration',
        },
        fault: {
          ...text,
          describe: 'FAULT@TIME from the start of the migration: which outcome that is, per strategy',
        },
        'kill-share': {
          ...text,
          describe: 'with --fault-rate: share of VMs later killed, not shut down [0%]',
        },
        'migrations-per-year': { ...text, describe: 'migrations of one VM a year' },
        vms: { ...text, describe: 'VMs in the fleet' },
        'backup-bytes': { ...text, describe: 'bytes that a full backup reads' },
        'backup-rate': { ...text, describe: 'how fast it reads them, such as 200MiB/s' },
        'full-backup-worth': { ...text, describe: 'downtime that one full backup spared is worth' },
      })
      .example('$0 --disk 16T', 'where each copy survives, under every strategy')
      .example(
        '$0 --failure-probability cancel-quit=2% --vms 1000',
        'what cancelled tries cost',
      ) as Argv<Flags>,
  handler,
};
