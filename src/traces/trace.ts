/** A trace as a whole: one or several files, in order of time, with its devices. The entrance to this folder. */
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { InputError } from '../base/errors.js';
import type { TraceFormat } from './format.js';
import { inOrder, merged, REORDER_RECORDS, spreadOverSeconds } from './order.js';
import { type ParseOptions, parseFile, type Skipped } from './parse.js';
import { Kind, type RecordBatch } from './record.js';
import { chooseFormat, type NamedFormat } from './registry.js';
import { type Clock, DeviceTable, RecordSink } from './sink.js';
import { readHead } from './source.js';

export interface TraceOptions {
  /** `auto` (default) or a name of the registry, with parameters after a colon. */
  readonly format?: string | undefined;
  /** How the user names the format, for messages; `--format` unless given. */
  readonly formatFlag?: string | undefined;
  /** Leave out lines that the format does not allow, and count them. */
  readonly skipBad?: boolean | undefined;
  /** Records held back to bring the file to the order of time. */
  readonly reorderRecords?: number | undefined;
  /** Bytes of the files as they are stored, read since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** An opened trace. Devices, notes and what was skipped are complete once its records were read. */
export class Trace {
  readonly format: TraceFormat;
  readonly devices = new DeviceTable();
  readonly skipped: Skipped = { count: 0, first: undefined };
  /** Worth telling the user, one sentence each. */
  readonly notes: string[] = [];
  /** Largest recorded time so far, before whole seconds are spread. */
  latestNs = Number.NEGATIVE_INFINITY;
  private readonly paths: readonly string[];
  private readonly named: NamedFormat;
  private readonly options: TraceOptions;

  constructor(paths: readonly string[], named: NamedFormat, options: TraceOptions) {
    this.paths = paths;
    this.named = named;
    this.format = named.format;
    this.options = options;
  }

  /** All records in order of time, once. A batch is valid until the next is asked for. */
  async *records(): AsyncGenerator<RecordBatch> {
    const outcome = await this.survey();
    const clock: Clock = { baseSeconds: undefined };
    const parse: ParseOptions = { skipBad: this.options.skipBad ?? false, onBytes: this.options.onBytes };
    const files = this.paths.map((path) => {
      const parser = this.format.parser!(this.named.parameters, outcome);
      const sink = new RecordSink(clock, this.devices);
      const unsorted = parseFile(path, parser, sink, parse, this.skipped);
      return inOrder(path, unsorted, this.options.reorderRecords ?? REORDER_RECORDS);
    });
    const recorded = this.noteLatest(merged(files));
    yield* this.format.wholeSeconds ? spreadOverSeconds(recorded) : recorded;
  }

  private async *noteLatest(batches: AsyncGenerator<RecordBatch>): AsyncGenerator<RecordBatch> {
    for await (const batch of batches) {
      this.latestNs = batch.timesNs[batch.count - 1]!;
      yield batch;
    }
  }

  /** Looks through the files once, where the format asks for it. */
  private async survey(): Promise<string> {
    const survey = this.format.survey?.();
    if (!survey) return '';
    const sink = new RecordSink({ baseSeconds: undefined }, new DeviceTable());
    const skipped: Skipped = { count: 0, first: undefined };
    for (const path of this.paths) {
      for await (const _ of parseFile(path, survey, sink, { skipBad: true }, skipped)) {
        // A survey keeps what it needs itself.
      }
      if (survey.enough) break;
    }
    this.notes.push(`counting ${survey.outcome} events`);
    return survey.outcome;
  }
}

/** Opens a trace; its format is told from the first file, or named. Throws InputError. */
export async function openTrace(paths: readonly string[], options: TraceOptions = {}): Promise<Trace> {
  if (paths.length === 0) throw new InputError('trace: no file named');
  let named: NamedFormat | undefined;
  for (const path of paths) {
    const chosen = chooseFormat(path, await readHead(path), options.format ?? 'auto', options.formatFlag);
    if (named && named.format !== chosen.format)
      throw new InputError(
        `${path}: is ${chosen.format.name}, but ${paths[0]} is ${named.format.name}; files of one trace have one format`,
      );
    named = chosen;
  }
  named!.format.parser!(named!.parameters, 'Q'); // bad parameters are found before any work
  const trace = new Trace(paths, named!, options);
  const missing = (await besideOtherCpus(paths[0]!)).filter((path) => !paths.includes(path));
  if (missing.length > 0)
    trace.notes.push(
      `the writes of other CPUs are missing: ${missing.map((path) => basename(path)).join(', ')} lie beside it; name them all`,
    );
  return trace;
}

/** blktrace writes `dev.blktrace.CPU`, one file a CPU: the others of the same device in the same folder, in their order. */
export async function besideOtherCpus(path: string): Promise<string[]> {
  const stem = /^(.*\.blktrace\.)\d+(\.gz)?$/.exec(basename(path))?.[1];
  if (stem === undefined) return [];
  const beside = await readdir(dirname(path)).catch(() => []);
  return beside
    .filter((name) => name.startsWith(stem) && /\.\d+(\.gz)?$/.test(name) && name !== basename(path))
    .sort()
    .map((name) => (path === basename(path) ? name : `${path.slice(0, -basename(path).length)}${name}`));
}

export { Kind, type RecordBatch };
