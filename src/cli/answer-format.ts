/** In which form an answer is printed. */
import type { Options } from 'yargs';
import type { DrawTable } from '../output/table.js';
import type { Answer } from '../study/answer/answer.js';
import { printFitted } from './fitted.js';
import { OUTPUT_GROUP } from './parameter-options.js';
import { print, printFile, printJson } from './stdout.js';

const FORMATS = ['table', 'json', 'markdown', 'csv'] as const;
type AnswerFormat = (typeof FORMATS)[number];

export interface FormatFlags {
  readonly json: boolean;
  readonly format: AnswerFormat | undefined;
}

export const FORMAT_OPTIONS: Readonly<Record<string, Options>> = {
  format: {
    choices: FORMATS,
    requiresArg: true,
    group: OUTPUT_GROUP,
    defaultDescription: 'table',
    describe: 'form of the answer',
  },
  json: {
    type: 'boolean',
    default: false,
    group: OUTPUT_GROUP,
    describe: 'the answer as JSON: --format json',
  },
};

/** How a command shows answers: `text` for a reader, with tables as the form has them; `json` for programs. */
export interface Shown {
  readonly answers: readonly Answer[];
  readonly text: (table: DrawTable) => Promise<string>;
  readonly json: unknown;
}

/** Prints answers in the form that the flags name. */
export async function printAnswers({ json, format }: FormatFlags, shown: Shown): Promise<void> {
  const { InputError } = await import('../base/errors.js');
  if (json && format !== undefined && format !== 'json')
    throw new InputError(`--format: '${format}' beside --json; give one of them`);
  const form = json ? 'json' : (format ?? 'table');
  if (form === 'json') printJson(shown.json);
  else if (form === 'csv') printFile((await import('../output/answer-csv.js')).answersCsv(shown.answers));
  else {
    if (form === 'table') await printFitted(shown.text);
    else print(await shown.text((await import('../output/table.js')).markdownTable));
  }
}
