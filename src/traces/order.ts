/**
 * Puts records in order of time, stably, in bounded memory.
 *
 * Real traces are nearly sorted: by completion (SYSTOR), by whole seconds that step back by one (CBS), by CPU
 * (blktrace). So a window of records is held back, sorted and handed on by halves. Where a record is older than
 * one already handed on, the window was too small: that is an error, never a wrong number.
 */
import { InputError } from '../base/errors.js';
import { type RecordBatch, RecordBuffer } from './record.js';

/** Records held back at least. */
export const REORDER_RECORDS = 1 << 16;

/** Sorted batches; each is valid until the next is asked for. */
export async function* inOrder(
  path: string,
  batches: AsyncIterable<RecordBatch>,
  windowRecords: number,
): AsyncGenerator<RecordBatch> {
  let held = new RecordBuffer(windowRecords * 2);
  let spare = new RecordBuffer(windowRecords * 2);
  let handedOnNs = Number.NEGATIVE_INFINITY;
  const handOn = (count: number): RecordBatch => {
    if (!isSorted(held)) {
      sortInto(held, spare);
      [held, spare] = [spare, held];
    }
    if (held.timesNs[0]! < handedOnNs)
      throw new InputError(
        `${path}: a record is ${(handedOnNs - held.timesNs[0]!) / 1e9} s older than one that stands ${windowRecords} or more records before it; ` +
          'sort the file by time, or allow more with --reorder',
      );
    handedOnNs = held.timesNs[count - 1]!;
    return held.slice(0, count);
  };
  for await (const batch of batches) {
    held.append(batch);
    if (held.count >= 2 * windowRecords) {
      const count = held.count - windowRecords;
      yield handOn(count);
      held.drop(count);
    }
  }
  if (held.count > 0) yield handOn(held.count);
}

function isSorted(buffer: RecordBuffer): boolean {
  const { timesNs, count } = buffer;
  for (let i = 1; i < count; i++) if (timesNs[i]! < timesNs[i - 1]!) return false;
  return true;
}

/** Splits off the late records (usually few), sorts them alone, and merges. Equal times keep their order. */
function sortInto(from: RecordBuffer, to: RecordBuffer): void {
  const { timesNs, count } = from;
  const onTime = new Uint32Array(count);
  const late: number[] = [];
  let kept = 0;
  let latestNs = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    if (timesNs[i]! >= latestNs) {
      latestNs = timesNs[i]!;
      onTime[kept++] = i;
    } else late.push(i);
  }
  late.sort((a, b) => timesNs[a]! - timesNs[b]! || a - b);
  to.count = 0;
  let next = 0;
  for (const index of late) {
    const timeNs = timesNs[index]!;
    while (
      next < kept &&
      (timesNs[onTime[next]!]! < timeNs || (timesNs[onTime[next]!] === timeNs && onTime[next]! < index))
    )
      to.pushFrom(from, onTime[next++]!);
    to.pushFrom(from, index);
  }
  while (next < kept) to.pushFrom(from, onTime[next++]!);
}

const MERGED_RECORDS = 4096;

/** Several sorted files (one a CPU, one a volume) to one; equal times go by the order of the files. */
export async function* merged(sources: readonly AsyncGenerator<RecordBatch>[]): AsyncGenerator<RecordBatch> {
  if (sources.length === 1) return yield* sources[0]!;
  const heads: { batch: RecordBatch; at: number; source: AsyncGenerator<RecordBatch> }[] = [];
  for (const source of sources) {
    const first = await source.next();
    if (!first.done) heads.push({ batch: first.value, at: 0, source });
  }
  const out = new RecordBuffer(MERGED_RECORDS);
  while (heads.length > 0) {
    let least = 0;
    for (let i = 1; i < heads.length; i++)
      if (heads[i]!.batch.timesNs[heads[i]!.at]! < heads[least]!.batch.timesNs[heads[least]!.at]!) least = i;
    const head = heads[least]!;
    out.pushFrom(head.batch, head.at++);
    if (head.at === head.batch.count) {
      const next = await head.source.next();
      if (next.done) heads.splice(least, 1);
      else Object.assign(head, { batch: next.value, at: 0 });
    }
    if (out.count === MERGED_RECORDS) {
      yield out;
      out.count = 0;
    }
  }
  if (out.count > 0) yield out;
}

/** Whole-second times: the n records of one second get its n-ths, in file order. */
export async function* spreadOverSeconds(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
  const second = new RecordBuffer();
  const spread = (): RecordBuffer => {
    const share = 1e9 / second.count;
    for (let i = 0; i < second.count; i++) second.timesNs[i] = second.timesNs[i]! + Math.floor(i * share);
    return second;
  };
  let startNs = 0;
  for await (const batch of batches) {
    for (let i = 0; i < batch.count; i++) {
      if (second.count > 0 && batch.timesNs[i] !== startNs) {
        yield spread();
        second.count = 0;
      }
      startNs = batch.timesNs[i]!;
      second.pushFrom(batch, i);
    }
  }
  if (second.count > 0) yield spread();
}
