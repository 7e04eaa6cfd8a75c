/**
 * runs.csv while a sweep runs. The file only ever grows at its end, so that a crash at any moment loses the row it
 * was in and nothing else. On the next start the rows present are compared byte by byte with what the plan gives:
 * as long as they agree nothing is written, and where they part (a widened axis, more replications) all rows known
 * are put aside first, the file is cut there, and goes on in the new order.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { diskError } from '../../files/disk-error.js';
import { replaceFile, syncDirectory, writeFully } from '../../files/replace.js';
import { csvText } from './csv.js';
import { KnownRows, type ResultCells } from './known-rows.js';
import { completeLines, piecesOf } from './lines.js';

export const RUNS_FILE = 'runs.csv';
/** Rows of earlier plans that are not in this one, or not yet. */
const KEPT_FILE = 'runs.kept.csv';

/** Rows of earlier sweeps in a directory; none where there is no file. */
export function knownRowsIn(directory: string): KnownRows {
  const known = new KnownRows();
  for (const name of [KEPT_FILE, RUNS_FILE]) known.load(join(directory, name));
  return known;
}

/** Rows are synced as they are written once the last sync is so long ago. */
const SYNC_MS = 5000;

/** Opens the file for reading and writing, and makes it if need be. Never through a link, nor under two names. */
function openRuns(path: string): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = openSync(path, flags, 0o666);
  const { nlink } = fstatSync(fd);
  if (nlink === 1) return fd;
  // A copy made of hard links, as backups are, must not change with it.
  closeSync(fd);
  replaceFile(path, piecesOf(path));
  return openSync(path, flags);
}

/** The file, from its opening to its end. */
export class RunsFile {
  private readonly directory: string;
  private readonly path: string;
  private readonly keptPath: string;
  private readonly known: KnownRows;
  private fd: number;
  /** Bytes of the file that are as the plan wants them, and bytes of complete lines found at the start. */
  private agreedBytes = 0;
  private presentBytes = 0;
  private keptIsCurrent = false;
  private syncedMs = performance.now();

  /** `resumes`: rows that are there already are of use. */
  constructor(directory: string, header: readonly string[], resumes = true) {
    this.directory = directory;
    this.path = join(directory, RUNS_FILE);
    this.keptPath = join(directory, KEPT_FILE);
    try {
      this.known = resumes ? knownRowsIn(directory) : new KnownRows();
      this.fd = openRuns(this.path);
    } catch (error) {
      throw diskError(error, this.path);
    }
    for (const { endBytes } of completeLines(this.path)) this.presentBytes = endBytes;
    this.write(Buffer.from(csvText([header])));
  }

  /** Whether there are runs of earlier sweeps at all. */
  get knowsAny(): boolean {
    return this.known.size > 0;
  }

  /** Whether a run of an earlier sweep is known, */
  has(runId: string): boolean {
    return this.known.has(runId);
  }

  /** its results, */
  get(runId: string): ResultCells | undefined {
    return this.known.get(runId);
  }

  /** and that the plan has it, so that it is of use. */
  plan(runId: string): void {
    this.known.plan(runId);
  }

  /** Adds whole lines in plan order. */
  write(text: Uint8Array): void {
    try {
      this.put(text);
      if (performance.now() - this.syncedMs > SYNC_MS) this.sync();
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  private put(data: Uint8Array): void {
    const overlap = Math.min(data.length, this.presentBytes - this.agreedBytes);
    if (overlap > 0) {
      const there = Buffer.alloc(overlap);
      readSync(this.fd, there, 0, overlap, this.agreedBytes);
      if (there.equals(data.subarray(0, overlap))) {
        this.agreedBytes += overlap;
        this.put(data.subarray(overlap));
        return;
      }
      this.putAside();
      this.presentBytes = this.agreedBytes;
    }
    if (data.length === 0) return;
    // Whatever stands behind the rows that agree (a torn line, at most) goes before anything is added.
    ftruncateSync(this.fd, this.agreedBytes);
    writeFully(this.fd, data, this.agreedBytes);
    this.agreedBytes += data.length;
    this.presentBytes = this.agreedBytes;
  }

  private putAside(): void {
    if (this.keptIsCurrent || this.known.size === 0) return;
    replaceFile(this.keptPath, this.known.asFile('all'));
    this.known.moveTo(this.keptPath);
    this.keptIsCurrent = true;
  }

  /** Makes all rows so far last through a power loss. To be called before a manifest speaks of them. */
  sync(): void {
    try {
      fsyncSync(this.fd);
      syncDirectory(this.directory);
    } catch (error) {
      throw diskError(error, this.path);
    }
    this.syncedMs = performance.now();
  }

  /** Ends the file where the plan ends. Rows that the plan has no use for stay in runs.kept.csv. */
  finish(): { readonly keptRows: number } {
    const keptRows = this.known.unplanned;
    try {
      // Rows that were put aside and are back in the plan must be safe here before they go there.
      this.sync();
      if (keptRows > 0) replaceFile(this.keptPath, this.known.asFile('unplanned'));
      ftruncateSync(this.fd, this.agreedBytes);
      this.sync();
      if (keptRows === 0) rmSync(this.keptPath, { force: true });
    } catch (error) {
      throw diskError(error, this.path);
    } finally {
      this.close();
    }
    return { keptRows };
  }

  close(): void {
    this.known.close();
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
  }
}
