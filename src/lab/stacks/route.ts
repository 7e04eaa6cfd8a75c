/** Which way a bitmap went that was not in the image before. */
import type { Cleanup } from '../process/cleanup.js';
import { LabError } from '../process/lab-error.js';
import { runProgram } from '../process/programs.js';
import type { Qemu } from '../qemu/qemu.js';

/** Through the image, through the migration stream, or not at all. */
export type Route = 'store' | 'stream' | 'none';

interface Sought {
  readonly disk: string;
  readonly bitmap: string;
  readonly image: string;
}

interface ImageInfo {
  readonly 'format-specific': {
    readonly data: { readonly bitmaps?: readonly { readonly name: string }[] };
  };
}

/**
 * Asked once the target runs. A bitmap that the source stored is in the image, where the target has marked it in use;
 * one that came in the stream is in the target's memory alone, until that closes the image.
 */
export async function routeTaken(cleanup: Cleanup, target: Qemu, sought: Sought): Promise<Route> {
  const inImage = await isInImage(cleanup, sought);
  const inMemory = await isInMemory(target, sought);
  if (inImage && !inMemory) throw new LabError('the image has the bitmap, and the target does not know it');
  if (!inMemory) return 'none';
  return inImage ? 'store' : 'stream';
}

async function isInImage(cleanup: Cleanup, { bitmap, image }: Sought): Promise<boolean> {
  const words = ['info', '-U', '--output=json', image];
  const { stdout } = await runProgram('qemu-img', words, 60_000, cleanup);
  const info = JSON.parse(stdout) as ImageInfo;
  return info['format-specific'].data.bitmaps?.some(({ name }) => name === bitmap) ?? false;
}

interface NamedNode {
  readonly 'node-name': string;
  readonly 'dirty-bitmaps'?: readonly { readonly name?: string; readonly inconsistent?: boolean }[];
}

async function isInMemory(target: Qemu, { disk, bitmap }: Sought): Promise<boolean> {
  const nodes = await target.qmp.execute<NamedNode[]>('query-named-block-nodes', { flat: true });
  const node = nodes.find((each) => each['node-name'] === disk);
  return node?.['dirty-bitmaps']?.some(({ name, inconsistent }) => name === bitmap && !inconsistent) ?? false;
}
