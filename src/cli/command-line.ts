/**
 * The command line as a function: finds the command, runs it, turns errors into one line and an exit code.
 * Only the module of the command that was asked for is loaded; of the others, name and summary.
 */
import yargs, { type Argv, type CommandModule } from 'yargs';
import { InputError } from '../base/errors.js';
import { version } from '../base/version.js';
import { systemTrouble } from '../input/values/files.js';
import { didYouMean, oneOf } from '../input/values/suggest.js';
import { COMMANDS } from './commands.js';
import { EXIT } from './exit.js';
import { outputWidth } from './fitted.js';
import { fail, releaseNotes, trace } from './stderr.js';
import { print } from './stdout.js';

/** Of yargs, undocumented but stable: the names of all options, and of those that collect values. */
interface YargsInternals {
  getOptions(): { readonly key: Readonly<Record<string, unknown>>; readonly array: readonly string[] };
}

/** Turns yargs' own complaints into one helpful line. */
function rephrase(message: string, options: readonly string[], script: string, positionals: string): string {
  const first = message.split('\n')[0]!;
  if (/^Not enough non-option arguments/.test(first))
    return `something is missing: ${script}${positionals} (see --help)`;
  const bare = /^Not enough arguments following: (.+)$/.exec(first);
  if (bare) return `--${bare[1]!} needs a value (see --help)`;
  const required = /^Missing required arguments?: (.+)$/.exec(first);
  if (required) return `--${required[1]!} is missing (see --help)`;
  const other = /^Invalid values:\s+Argument: (.+?), Given: "(.*?)", Choices: ([^\n]+)/s.exec(message);
  if (other) return `--${other[1]!}: '${other[2]!}' is not one of ${other[3]!.replaceAll('"', '')}`;
  const unknown = /^Unknown argument(?:s)?: (.+)$/.exec(first);
  if (!unknown) return first;
  const given = unknown[1]!.split(', ')[0]!;
  return `unknown option or argument '${given}'${didYouMean(given, options)} (see --help)`;
}

function unknownCommand(name: string): never {
  const names = Object.keys(COMMANDS);
  throw new InputError(`unknown command '${name}'${didYouMean(name, names)} (${oneOf(names)})`);
}

/** Given again, these add: each is one disk more, or the disks of one image more. */
const ADDING: readonly string[] = ['disk'];

/** An option given again would replace what was said before: refused unless it says the same, or adds. */
function refuseRepeated(given: Record<string, unknown>, collecting: readonly string[]): void {
  for (const [key, value] of Object.entries(given)) {
    if (!Array.isArray(value) || key === '_' || collecting.includes(key)) continue;
    if (new Set(value).size > 1)
      throw new InputError(`--${key} is given ${value.length} times (${value.join(', ')}); give it once`);
    given[key] = value[0];
  }
}

/** Longer lines are hard to follow. */
const HELP_WIDTH_MAX = 110;

/** `positionals`: arguments without a name, as ` <dirs...>`; yargs does not say which of them take several values. */
function parserOf(args: readonly string[], script: string, positionals = ''): Argv {
  const lists = [...positionals.matchAll(/[<[]([\w-]+)\.{2,3}[>\]]/g)].map((match) => match[1]!);
  const parser = yargs([...args]) as Argv;
  const internals = parser as Argv & YargsInternals;
  return parser
    .scriptName(script)
    .version(version())
    .alias('version', 'V')
    .alias('help', 'h')
    .parserConfiguration({ 'parse-numbers': false, 'camel-case-expansion': false })
    .middleware(
      (given) => refuseRepeated(given, [...internals.getOptions().array, ...lists, ...ADDING]),
      true,
    )
    .strict()
    .exitProcess(false)
    .wrap(Math.min(HELP_WIDTH_MAX, outputWidth() ?? HELP_WIDTH_MAX))
    .epilogue('Exit: 0 done, 1 the answer is no, 2 bad input, 130 interrupted.')
    .fail((message, error) => {
      if (error && error.name !== 'YError') throw error;
      const options = Object.keys(internals.getOptions().key);
      throw new InputError(rephrase(message ?? error.message, options, script, positionals));
    });
}

/** `stopgap` and `stopgap --help`: the commands. */
async function overview(args: readonly string[]): Promise<void> {
  const parser = parserOf(args, 'stopgap')
    .usage(
      '$0 <command> [options]\n\nHow long does a VM stand still because its dirty bitmaps must be stored?',
    )
    .demandCommand(1, 'a command is needed; `stopgap ask` is the main one (see --help)');
  for (const [name, { summary }] of Object.entries(COMMANDS)) parser.command(name, summary, {}, () => {});
  await parser
    .completion('completion', 'a script that completes commands and options: eval "$(stopgap completion)"')
    .parseAsync();
}

/**
 * One command. It is the default command of a parser of its own: yargs prepares the help of every other kind of
 * command at each run, which takes longer than many an answer.
 */
async function runCommand(name: string, args: readonly string[]): Promise<void> {
  const { summary, load } = COMMANDS[name]!;
  const loaded = await load();
  const positionals = String(loaded.command ?? name).slice(name.length);
  await parserOf(withoutEnd(args), `stopgap ${name}`, positionals)
    .command({ ...loaded, command: `$0${positionals}`, describe: summary } as CommandModule)
    .parseAsync();
}

/** After `--` come no options: yargs puts such words aside and looks at none, so here they stand as any other; files may begin with a dash. */
function withoutEnd(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--');
  if (at < 0) return args;
  return [
    ...args.slice(0, at),
    ...args.slice(at + 1).map((word) => (word.startsWith('-') ? `./${word}` : word)),
  ];
}

/** `--image -` as `--image=-`, and a dash by itself by its other name: yargs takes it for the next option. */
function joinDashes(args: readonly string[]): readonly string[] {
  return args.flatMap((word, i) => {
    const takes = (at: number): boolean => args[at + 1] === '-' && /^--[^=]+$/.test(args[at] ?? '');
    if (takes(i)) return [`${word}=-`];
    if (word === '-') return takes(i - 1) ? [] : ['/dev/stdin'];
    return [word];
  });
}

/** What the script of `stopgap completion` asks at the tab key; the words follow. */
const COMPLETE = '--get-yargs-completions';

async function run(args: readonly string[]): Promise<void> {
  if (args[0] === COMPLETE) {
    const { candidates } = await import('./completion.js');
    print((await candidates(args.slice(2))).map((each) => `${each}\n`).join(''));
    return;
  }
  if (args[0] === 'completion') return overview(args);
  // `help ask` is `ask --help`.
  if (args[0] === 'help') return run([...args.slice(1), '--help']);
  const at = args.findIndex((word) => !word.startsWith('-'));
  const name = args[at];
  if (name === undefined) await overview(args);
  else if (!Object.hasOwn(COMMANDS, name)) unknownCommand(name);
  else await runCommand(name, args.toSpliced(at, 1));
}

/** What went wrong, in one line, and the exit code that says so. */
function refuse(error: unknown): number {
  const trouble = error instanceof InputError ? error.message : systemTrouble(error);
  if (trouble !== undefined) {
    fail(trouble);
    return EXIT.badInput;
  }
  const inner = error instanceof Error ? error : new Error(String(error));
  fail(`internal error: ${inner.message} (a bug of stopgap; STOPGAP_DEBUG=1 shows where)`);
  if (process.env.STOPGAP_DEBUG) trace(inner);
  return EXIT.internal;
}

/** Runs what the words ask for; leaves the exit code in `process.exitCode`, and whatever happens throws nothing. */
export async function commandLine(args: readonly string[]): Promise<void> {
  try {
    await run(joinDashes(args));
    releaseNotes();
  } catch (error) {
    process.exitCode = refuse(error);
  }
}
