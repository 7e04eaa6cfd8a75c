import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countRequests, minusCounts, parseRequestLog, sequenceOf } from '../../../src/lab/qemu/requests.js';

const log = readFileSync('test/fixtures/traces/nbdkit-log.txt', 'utf8');

test('a real nbdkit log: every kind, with its bytes', () => {
  const requests = parseRequestLog(log);
  const last = requests.slice(-6);
  expect(sequenceOf(last.filter((request) => request.connection === last.at(-1)!.connection))).toContain(
    'W4096 F T65536 Z65536',
  );
  expect(requests.every((request) => request.durationUs >= 0)).toBe(true);
});

test('times are microseconds of the epoch, and a request without answer is left out', () => {
  const text = [
    '2026-01-02 03:04:05.000007 connection=1 Write id=1 offset=0x100000 count=0x10000 fua=1 ...',
    '2026-01-02 03:04:05.001009 connection=1 ...Write id=1 return=0',
    '2026-01-02 03:04:05.001010 connection=2 Flush id=1 ...',
  ].join('\n');
  expect(parseRequestLog(text)).toEqual([
    {
      kind: 'write',
      connection: 1,
      offset: 0x100000,
      bytes: 0x10000,
      startUs: Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 7,
      durationUs: 1002,
    },
  ]);
});

test('counts and their difference', () => {
  const requests = parseRequestLog(log);
  const all = countRequests(requests);
  expect(all.flushes).toBeGreaterThan(0);
  expect(all.trims).toBe(1);
  expect(Object.values(minusCounts(all, all)).every((value) => value === 0)).toBe(true);
});

test('run-length coding keeps the order', () => {
  const ops = (['write', 'write', 'flush', 'write'] as const).map((kind) => ({ kind, bytes: 8 }));
  expect(sequenceOf(ops)).toBe('W8x2 F W8');
});
