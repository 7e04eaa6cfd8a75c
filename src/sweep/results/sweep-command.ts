/** The command line that runs one shard of a sweep again, to be pasted into a shell. */
import { shellWord } from '../../base/shell.js';
import type { Shard } from '../run/shard.js';
import type { Manifest } from './manifest.js';

/** Options that a shard has of its own, or has not at all. */
const PLACES = ['--shard', '--out', '--list-commands', '--archive'];

/** The words of a command without what says which shard, and where to. */
function withoutPlace(argv: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '-o' || PLACES.includes(word)) i++;
    else if (!word.startsWith('-o') && !PLACES.includes(word.split('=')[0]!)) kept.push(word);
  }
  return kept;
}

/** `stopgap sweep 01 --quick --shard 2/3 --out out/2-of-3`, from the manifest of any shard of that sweep. */
export function sweepCommand(
  manifest: Pick<Manifest, 'argv' | 'experiment'>,
  shard: Shard,
  directory: string,
): string {
  const { argv, experiment } = manifest;
  // Results that a program made through the library have no command line of ours.
  const words = argv.includes('sweep') ? withoutPlace(argv) : ['sweep', experiment.name];
  const place = ['--shard', `${shard.index}/${shard.of}`, '--out', directory];
  return ['stopgap', ...words, ...place].map(shellWord).join(' ');
}
