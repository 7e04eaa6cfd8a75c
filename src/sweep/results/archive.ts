/**
 * A results directory as one file, for whoever asks of a step one file that is there when it is done: make, Snakemake, Nextflow.
 * The same results give the same bytes: names are in order, and nothing tells when, where or by whom they were made.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Header, Pax } from 'tar';
import { FIGURES_FOLDER, refuseForeign } from './directory.js';
import { piecesOf } from './lines.js';
import { MANIFEST_FILE, readManifest } from './manifest.js';

/** What the first bytes of such a file look like: its first member. */
export const ARCHIVE_MARK = /^[^\0]*datapackage\.json\0/;

const BLOCK_BYTES = 512;
/** Some programs complain of files from before they were written. */
const TIME = new Date('1980-01-01T00:00:00Z');
const MODE = 0o644;

/** Members, sorted; nothing that is of use to a sweep that goes on alone. */
function namesIn(directory: string): readonly string[] {
  const figures = refuseForeign(directory).includes(FIGURES_FOLDER)
    ? readdirSync(join(directory, FIGURES_FOLDER)).map((name) => `${FIGURES_FOLDER}/${name}`)
    : [];
  const files = readdirSync(directory).filter((name) => /^(?!\.)(?!runs\.kept\.csv$)(?!figures$)/.test(name));
  return [...files, ...figures].sort();
}

/** The manifest without what another sweep of the same kind would have otherwise. */
function manifestText(directory: string): Buffer {
  const manifest = { ...readManifest(directory), argv: [], host: {}, started: '', wall_s: null };
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

function headerOf(path: string, size: number): Buffer {
  const fields = { path, size, mode: MODE, mtime: TIME, type: 'File' } as const;
  const header = new Header(fields);
  const needsMore = header.encode();
  const block = header.block!;
  // Names that are longer than the old format has room for.
  return needsMore ? Buffer.concat([new Pax({ path, size, mtime: TIME }).encode(), block]) : block;
}

/** The bytes of a tar file; its one folder is called as the file is. */
export function* archiveOf(directory: string, path: string): Generator<Uint8Array> {
  const folder = basename(path).replace(/\.tar$/, '');
  for (const name of namesIn(directory)) {
    const file = join(directory, name);
    const text = name === MANIFEST_FILE ? manifestText(directory) : undefined;
    const size = text?.length ?? statSync(file).size;
    yield headerOf(`${folder}/${name}`, size);
    if (text) yield text;
    else yield* piecesOf(file);
    yield Buffer.alloc(-size & (BLOCK_BYTES - 1));
  }
  yield Buffer.alloc(2 * BLOCK_BYTES);
}
