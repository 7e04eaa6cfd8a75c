/** Every command that speaks of one situation hears of it in the same words: a scenario file, flags over it, --set over both. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-situation-'));
afterAll(() => rmSync(folder, { recursive: true }));

const scenario = join(folder, 'vm.yaml');
writeFileSync(
  scenario,
  'disk: { size: 1T }\nbitmaps: { dirty: 100% }\nstorage: ideal-1ms\nworkload: idle\nstrategies: [store-at-stop]\n',
);
const AS_FLAGS = '--disk 1T --dirty 100% --storage ideal-1ms --workload idle --strategy store-at-stop'.split(
  ' ',
);

/** `heard`: the number of the answer that a larger disk makes larger. */
const COMMANDS: readonly (readonly [name: string, args: string, heard: (answer: never) => number])[] = [
  [
    'ask',
    '',
    ({ strategies }: { strategies: { downtime_ms: { mean: number } }[] }) => strategies[0]!.downtime_ms.mean,
  ],
  [
    'run',
    '',
    ({ strategies }: { strategies: { downtime_ms: { mean: number } }[] }) => strategies[0]!.downtime_ms.mean,
  ],
  [
    'outcomes',
    '',
    ({ cells }: { cells: { outcome: string; downtime_ms: number }[] }) =>
      cells.find(({ outcome }) => outcome === 'ok-quit')!.downtime_ms,
  ],
  [
    'compare',
    '--with bitmaps=2 --jobs 1',
    ({ rows }: { rows: { difference_ms: { mean: number } }[] }) => rows[1]!.difference_ms.mean,
  ],
  ['solve', 'budget --jobs 1', ({ value }: { value: number }) => value],
  [
    'sensitivity',
    '--vary bitmaps=1,2 --samples 2 --walks 2 --jobs 1',
    ({ indices }: { indices: { morris_mu_star: number }[] }) => indices[0]!.morris_mu_star,
  ],
];

describe.each(COMMANDS)('%s', (name, args, heard) => {
  const asked = async (...more: string[]): Promise<string> => {
    const { code, out, err } = await inProcess(name, ...args.split(' ').filter(Boolean), ...more, '--json');
    expect([code, err]).toEqual([0, '']);
    return out;
  };
  const of = (text: string): number => heard(JSON.parse(text) as never);

  it('reads a scenario file, flags over it and settings over both', async () => {
    const file = await asked(scenario);
    // What things are called is all that a file changes.
    if (name !== 'run') expect(of(file)).toBe(of(await asked(...AS_FLAGS)));
    const flag = await asked(scenario, '--disk', '2T');
    expect(of(flag)).toBeGreaterThan(of(file));
    expect(of(await asked(scenario, '--disk', '2T', '--set', 'disk.size=1T'))).toBe(of(file));
  });
});

it('says where it is wrong, whoever asks', async () => {
  writeFileSync(join(folder, 'wrong.yaml'), 'disk: { sise: 1T }\n');
  for (const [name, args] of COMMANDS) {
    const words = [...args.split(' ').filter(Boolean), join(folder, 'wrong.yaml')];
    const { code, err } = await inProcess(name, ...words);
    expect([name, code, err]).toEqual([name, 2, expect.stringMatching(/wrong\.yaml.*sise/)]);
  }
});
