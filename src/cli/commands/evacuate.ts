/** `stopgap evacuate`: many VMs leave a host, some at a time, sharing its storage and its link. */
import type { Argv, CommandModule } from 'yargs';
import { InputError } from '../../base/errors.js';
import type { Resolved } from '../../input/resolve.js';
import type { EvacuationSpec } from '../../sim/scenario.js';
import type { EvacuationAnswer } from '../../study/evacuate/evacuate.js';
import { EXIT } from '../exit.js';
import { claimedFigure } from '../figure.js';
import { printFitted } from '../fitted.js';
import { isTold, resolveTold, type SituationFlags, situationOptions, toldBy } from '../situation.js';
import { printFile, printJson } from '../stdout.js';
import { refuseTwoForms, type StudyFlags, study, studyOptions } from '../study.js';

interface Flags extends StudyFlags, SituationFlags {
  readonly scenarios?: readonly string[] | undefined;
}

/** VMs that the files and flags speak of, and how they go. */
interface Leaving {
  readonly resolved: Resolved;
  readonly evacuation: EvacuationSpec;
}

/** Several files are VMs that leave in turn; as many as `vms` says, or each once. */
async function leaving(files: readonly string[], flags: Flags): Promise<Leaving> {
  const { oneVm } = await import('../../sim/evacuation/member.js');
  const resolved: Resolved[] = [];
  for (const scenario of files.length === 0 ? [undefined] : files) {
    const told = await toldBy({ ...flags, scenario });
    if (files.length < 2 && !isTold(told, 'vms'))
      throw new InputError('--vms: how many VMs leave the host? Give it, or several scenario files');
    resolved.push(await resolveTold(told, isTold(told, 'vms') ? {} : { vms: files.length }));
  }
  const [first] = resolved;
  const listed = resolved.map(({ scenario }) => oneVm(scenario));
  const evacuation = {
    ...(first!.scenario.evacuation ?? { vms: 1, parallel: 1 }),
    ...(listed.length > 1 ? { listed } : {}),
  };
  return { resolved: { ...first!, scenario: listed[0]! }, evacuation };
}

async function evacuated(flags: Flags): Promise<EvacuationAnswer> {
  const { evacuationAnswer, runsOf } = await import('../../study/evacuate/evacuate.js');
  const { resolved, evacuation } = await leaving(flags.scenarios ?? [], flags);
  return study(flags, runsOf({ resolved, evacuation }), (simulate) =>
    evacuationAnswer({ resolved, evacuation, simulate }),
  );
}

async function handler(flags: Flags): Promise<void> {
  refuseTwoForms(flags);
  const draw = await claimedFigure(flags);
  const answer = await evacuated(flags);
  if (draw) await draw((await import('../../output/figures/evacuation.js')).evacuationFigure(answer));
  if (flags.json) printJson(answer);
  else {
    const { evacuationCsv, evacuationText } = await import('../../output/evacuate-text.js');
    if (flags.csv) printFile(evacuationCsv(answer));
    else await printFitted((table) => evacuationText(answer, table));
  }
  const failed = answer.strategies.some(({ state }) => state === 'failed');
  const hasToFit = flags.budget !== undefined || flags['bitmap-budget'] !== undefined;
  if (failed || (hasToFit && answer.verdict !== null && answer.verdict !== 'fits'))
    process.exitCode = EXIT.no;
}

export const command: CommandModule<object, Flags> = {
  command: 'evacuate [scenarios..]',
  builder: (parser) =>
    situationOptions(parser)
      .positional('scenarios', {
        type: 'string',
        array: true,
        describe: 'scenario files (YAML; `stopgap schema scenario`): several are VMs that leave in turn',
      })
      .options(studyOptions('every number of migrations at a time that was looked at, as CSV'))
      .example('$0 --vms 40 --parallel 5 --bitmaps 7 --disk 1T', 'forty VMs with seven checkpoints each')
      .example('$0 --vms 40 --storage hdd-7200 --budget 2s --figure at-a-time.svg', 'how many at a time')
      .example('$0 web.yaml database.yaml --vms 20 --parallel 4', 'VMs of two kinds') as Argv<Flags>,
  handler,
};
