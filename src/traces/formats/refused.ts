/** What looks like a trace but cannot give writes with times: recognised, and refused with the reason. */
import type { TraceFormat, TraceHead } from '../format.js';

export const iologV2: TraceFormat = {
  name: 'iolog-v2',
  summary: 'fio iolog version 2 (refused: no times)',
  detect: (head) => head.lines[0] === 'fio version 2 iolog',
  refused:
    "fio's iolog version 2 has waits that fio itself does not keep to (it reads them as milliseconds since its start), so no time in it can be trusted; " +
    'record version 3 with fio 3.31 or later',
};

export const iologV1: TraceFormat = {
  name: 'iolog-v1',
  summary: 'fio iolog version 1 (refused: no times)',
  detect: (head) =>
    head.lines.length > 0 && head.lines.slice(0, 5).every((line) => /^[01], ?\d+, ?\d+$/.test(line)),
  refused: "fio's iolog version 1 has no times; record version 3 with fio 3.31 or later",
};

const ORACLE_BYTES = 24;

/** u32 seconds, u64 object, u32 size, i64 next access: plausible in every one of the first records. */
function looksOracleGeneral(head: TraceHead): boolean {
  const records = Math.min(64, Math.floor(head.bytes.length / ORACLE_BYTES));
  if (head.lines.length > 0 || records < 2) return false;
  const view = new DataView(head.bytes.buffer, head.bytes.byteOffset, head.bytes.length);
  let time = view.getUint32(0, true);
  for (let i = 0; i < records; i++) {
    const at = i * ORACLE_BYTES;
    const next = view.getBigInt64(at + 16, true);
    if (view.getUint32(at, true) < time || view.getUint32(at + 12, true) === 0) return false;
    if (next < -1n || next > 1_000_000_000_000n) return false;
    time = view.getUint32(at, true);
  }
  return true;
}

export const oracleGeneral: TraceFormat = {
  name: 'oracleGeneral',
  summary: "libCacheSim's oracleGeneral (refused: does not tell writes from reads)",
  detect: looksOracleGeneral,
  refused: "libCacheSim's oracleGeneral does not tell writes from reads; use the trace it was made from",
};
