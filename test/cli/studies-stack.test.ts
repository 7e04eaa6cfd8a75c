/** A stack has a way of its own for the bitmaps: the studies look at that, unless strategies are named. */
import { expect, it } from 'vitest';
import { printed } from '../support/in-process.js';

const CALM = ['--disk', '64G', '--workload', 'idle', '--replications', '10', '--jobs', '1', '--json'];

interface Labelled {
  readonly strategy: string;
  readonly variant: string | null;
}

it('compare sets the way of a stack beside the store at the stop', async () => {
  const rows = async (...words: string[]): Promise<readonly string[]> => {
    const asked = ['--with', 'stack=libvirt-stream', '--threshold', '50%', ...words];
    const said = await printed('compare', ...asked, ...CALM);
    const { rows: told } = JSON.parse(said) as { readonly rows: readonly Labelled[] };
    return told.map(({ strategy, variant }) => `${strategy}/${variant}`);
  };
  expect(await rows()).toEqual(['store-at-stop/null', 'dont-store/stream']);
  expect(await rows('--strategy', 'store-at-stop')).toEqual(['store-at-stop/null', 'store-at-stop/null']);
});

it('sensitivity looks at the way of the stack', async () => {
  const words = ['--stack', 'libvirt-stream', '--vary', 'bitmaps=1,2', '--samples', '2', '--walks', '2'];
  expect(JSON.parse(await printed('sensitivity', ...words, ...CALM))).toMatchObject({
    strategy: 'dont-store',
    variant: 'stream',
  });
});
