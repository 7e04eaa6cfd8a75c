/** Small traces as files in a folder of their own, and all their records as plain objects. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTrace, type TraceOptions } from '../../src/traces/trace.js';

const folder = mkdtempSync(join(tmpdir(), 'stopgap-traces-'));
// Not after a file of tests: the next one may share this module.
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let files = 0;
export function traceFile(content: string | Uint8Array, name = `trace-${files++}`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export const KINDS = ['read', 'write', 'discard', 'flush', 'mark'] as const;

export interface PlainRecord {
  kind: (typeof KINDS)[number];
  /** Nanoseconds after the earliest record. */
  ns: number;
  device: string;
  offset: number;
  length: number;
}

export async function readAll(
  paths: string | readonly string[],
  options: TraceOptions = {},
): Promise<{ format: string; records: PlainRecord[]; skipped: number; notes: readonly string[] }> {
  const trace = await openTrace(typeof paths === 'string' ? [paths] : paths, options);
  const records: PlainRecord[] = [];
  for await (const batch of trace.records())
    for (let i = 0; i < batch.count; i++)
      records.push({
        kind: KINDS[batch.kinds[i]!]!,
        ns: batch.timesNs[i]!,
        device: trace.devices.names[batch.devices[i]!]!,
        offset: batch.offsetsBytes[i]!,
        length: batch.lengthsBytes[i]!,
      });
  const startNs = records[0]?.ns ?? 0;
  for (const record of records) record.ns -= startNs;
  return { format: trace.format.name, records, skipped: trace.skipped.count, notes: trace.notes };
}

/** Shorthand for expected records. */
export const rec = (
  kind: PlainRecord['kind'],
  ns: number,
  device: string,
  offset: number,
  length: number,
): PlainRecord => ({ kind, ns, device, offset, length });
