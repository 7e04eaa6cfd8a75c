/** What a trace format is: one object, exported by one file in `formats/` and listed in `registry.ts`. */
import type { LineCursor } from './cursor.js';
import type { RecordSink } from './sink.js';

/** The start of a file, unpacked. */
export interface TraceHead {
  readonly bytes: Uint8Array;
  /** Its complete lines, at most 200; none if the file is binary. */
  readonly lines: readonly string[];
  readonly fileName: string;
}

interface ParserBase {
  /** A survey sets this once it has seen what it needs. */
  readonly enough?: boolean;
  /** Called at the end of the file; throws BadRecord where something is missing. */
  end?(): void;
}

/** Takes one line after another. Throws BadRecord for a line that the format does not allow. */
export interface TextParser extends ParserBase {
  readonly kind: 'text';
  line(cursor: LineCursor, out: RecordSink): void;
}

/** Takes one record at `at`, and returns its length; 0 if it is not complete before `end`. */
export interface BinaryParser extends ParserBase {
  readonly kind: 'binary';
  record(bytes: DataView, at: number, end: number, out: RecordSink): number;
}

export type TraceParser = TextParser | BinaryParser;

export interface TraceFormat {
  /** As `--format` takes it. */
  readonly name: string;
  /** One line for help texts. */
  readonly summary: string;
  /** Is a file with this head of this format? Formats are asked in the order of the registry. */
  detect(head: TraceHead): boolean;
  /** Times are whole seconds: records of one second are spread evenly over it, in file order. */
  readonly wholeSeconds?: boolean;
  /** Set for what cannot give writes with times: the reason, shown instead of numbers. */
  readonly refused?: string;
  /** A first pass over the files, for formats that cannot be read without one. */
  survey?(): TraceParser & { readonly outcome: string };
  /** `parameters`: what follows the name in `--format name:parameters`; `surveyed`: the survey's outcome. */
  parser?(parameters: string, surveyed: string): TraceParser;
}
