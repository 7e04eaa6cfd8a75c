/** A disk that forgets: plays back what recorder.c wrote down, and tells what would be there after the power failed. */
import { dirname } from 'node:path';

interface File {
  /** As the program sees it, and as it was when it was last synced. */
  data: Buffer;
  synced: Buffer;
}

/** A file, or a folder. */
type Entry = File | 'folder';
type Names = Map<string, Entry>;

/** What a failure may leave; each is what some file system does. */
export type Failure = 'all unsynced is lost' | 'names last, data does not' | 'sizes last, data is zeros';
export const FAILURES: readonly Failure[] = [
  'all unsynced is lost',
  'names last, data does not',
  'sizes last, data is zeros',
];

const zeros = ({ data, synced }: File): Buffer =>
  Buffer.concat([synced.subarray(0, data.length), Buffer.alloc(Math.max(0, data.length - synced.length))]);

export class ForgetfulDisk {
  private readonly names: Names = new Map();
  private readonly syncedNames: Names = new Map();
  /** The last file of a name: a file that is open may have lost its own. */
  private readonly opened = new Map<string, File>();

  /** Begins with these files, all of them safe. */
  constructor(root: string, files: Readonly<Record<string, Buffer>> = {}) {
    this.names.set(root, 'folder');
    this.syncedNames.set(root, 'folder');
    for (const [path, data] of Object.entries(files)) {
      const file = { data, synced: data };
      this.names.set(path, file);
      this.syncedNames.set(path, file);
    }
  }

  /** One line of the record. */
  play(line: string): void {
    const [op, path, other, at, hex] = line.split('\t') as [string, string, string, string, string];
    const { names } = this;
    if (op === 'folder') names.set(path, 'folder');
    else if (op === 'create') names.set(path, { data: Buffer.alloc(0), synced: Buffer.alloc(0) });
    else if (op === 'rename' || op === 'link') {
      names.set(other, names.get(path)!);
      if (op === 'rename') names.delete(path);
    } else if (op === 'remove') names.delete(path);
    else if (op === 'sync') this.sync(path);
    else if (op === 'write' || op === 'truncate') this.change(path, Number(at), Buffer.from(hex, 'hex'), op);
    else throw new Error(`unknown operation in the record: ${line}`);
  }

  private change(path: string, at: number, data: Buffer, op: 'write' | 'truncate'): void {
    const file = this.fileAt(path);
    const before = file.data.subarray(0, at);
    const after = op === 'write' ? file.data.subarray(at + data.length) : Buffer.alloc(0);
    file.data = Buffer.concat([before, Buffer.alloc(at - before.length), data, after]);
  }

  private fileAt(path: string): File {
    const found = this.names.get(path) ?? this.opened.get(path);
    if (found === undefined || found === 'folder') throw new Error(`the record has no file ${path}`);
    this.opened.set(path, found);
    return found;
  }

  private sync(path: string): void {
    if (this.names.get(path) !== 'folder') {
      const file = this.fileAt(path);
      file.synced = file.data;
      return;
    }
    for (const name of [...this.syncedNames.keys()])
      if (dirname(name) === path && !this.names.has(name)) this.syncedNames.delete(name);
    for (const [name, entry] of this.names) if (dirname(name) === path) this.syncedNames.set(name, entry);
  }

  /** The files after a power failure now; a file whose folder is lost is lost. */
  after(failure: Failure): Map<string, Buffer> {
    const names = failure === 'all unsynced is lost' ? this.syncedNames : this.names;
    const left = new Map<string, Buffer>();
    for (const [name, entry] of names) {
      if (entry === 'folder' || !names.has(dirname(name))) continue;
      left.set(name, failure === 'sizes last, data is zeros' ? zeros(entry) : entry.synced);
    }
    return left;
  }
}
