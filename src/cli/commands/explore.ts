/** `stopgap explore`: the page in which a situation can be changed and answers at once; a file, or served to this machine. */
import type { Argv, CommandModule } from 'yargs';
import type { Tree } from '../../base/tree.js';
import { overridesFromArgv, parameterOptions } from '../parameter-options.js';
import { print } from '../stdout.js';

interface Flags extends Readonly<Record<string, unknown>> {
  readonly out: string | undefined;
  readonly serve: boolean;
  readonly port: string | undefined;
  readonly results: string | undefined;
  readonly force: boolean;
}

/** What stands behind `#` in the address: the page begins with the situation that was asked about. */
function hashOf(told: Tree): string {
  const words = Object.entries(told).map(([path, value]): [string, string] => [
    path,
    path === 'disks' ? [value].flat().join('\n') : String(value),
  ]);
  return words.length === 0 ? '' : `#${new URLSearchParams(words)}`;
}

const PORT_MAX = 65_535;

async function handler(flags: Flags): Promise<void> {
  const [{ InputError }, { pageText, pageUrl, resultsIn, servePage }] = await Promise.all([
    import('../../base/errors.js'),
    import('../page.js'),
  ]);
  if (flags.out !== undefined && flags.serve) throw new InputError('--serve: beside --out; give one of them');
  if (flags.port !== undefined && !flags.serve) throw new InputError('--port: only with --serve');
  const told = overridesFromArgv(flags);
  if (flags.results !== undefined && Object.keys(told).length > 0)
    throw new InputError('--results: beside a situation; the page shows one of them');
  if (flags.results !== undefined && flags.out === undefined && !flags.serve)
    throw new InputError('--results: give --out FILE for a page with them, or --serve');
  const hash = hashOf(told);
  const results = flags.results === undefined ? undefined : await resultsIn(flags.results);
  if (flags.serve) {
    const { wholeNumber } = await import('../whole-number.js');
    const port = wholeNumber(flags.port ?? '0', 'port', 0, PORT_MAX);
    await servePage(pageText(results), port, (address) => print(`${address}${hash}\n`));
    return;
  }
  if (flags.out === undefined) {
    print(`${pageUrl()}${hash}\n`);
    return;
  }
  const { claimOutput } = await import('../../files/output.js');
  const mark = /^<!doctype html>[\s\S]{0,1000}<title>stopgap: /;
  const output = claimOutput(flags.out, { flag: '--out', mark, force: flags.force, inputs: [] });
  output.write(pageText(results));
  const { pathToFileURL } = await import('node:url');
  print(`${pathToFileURL(flags.out)}${hash}\n`);
}

export const command: CommandModule<object, Flags> = {
  command: 'explore',
  builder: async (parser) => {
    const { FORCE } = await import('../../files/output.js');
    // A page reads no files.
    const { image: _, ...situation } = parameterOptions();
    return parser
      .options(situation)
      .options({
        out: {
          type: 'string',
          requiresArg: true,
          describe: 'write the page there: one file that needs no network',
        },
        serve: {
          type: 'boolean',
          default: false,
          describe: 'serve it to browsers on this machine, until Ctrl-C',
        },
        port: {
          type: 'string',
          requiresArg: true,
          describe: 'with --serve: the port (0: any that is free)',
          defaultDescription: '0',
        },
        results: {
          type: 'string',
          requiresArg: true,
          describe: 'the results of a sweep in place of a situation: filter, pick axes, sort, save',
        },
        force: FORCE,
      })
      .example('$0', 'prints where the page is: open it in a browser')
      .example(
        '$0 --disk 4T --storage ceph-nvme --out page.html',
        'a copy, and a link that begins there',
      ) as Argv<Flags>;
  },
  handler,
};
