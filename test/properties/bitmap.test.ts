/**
 * The per-write engine against a plain Set of granules and a full comparison of copies: a changed bit is never
 * missed, and equal counts mean equal bits.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PerWriteTracker, perWriteGroups } from '../../src/sim/guest/per-write.js';
import { TraceSource } from '../../src/sim/guest/trace-source.js';
import type { TraceGuestSpec } from '../../src/sim/scenario.js';
import { bitmap, disk, KI } from '../sim/guest/scenarios.js';

const DISK = 8 * 1024 * KI;
const CHUNK = 8;

interface Step {
  readonly gapNs: number;
  readonly offset: number;
  readonly length: number;
  readonly action: 'none' | 'fifo' | 'ascending';
  readonly settleNs: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  gapNs: fc.nat(50),
  offset: fc.nat(DISK - 1),
  length: fc.oneof(fc.constant(4 * KI), fc.integer({ min: 1, max: 300 * KI })),
  action: fc.constantFrom('none', 'fifo', 'ascending'),
  settleNs: fc.constantFrom(0, 60),
});

function trace(steps: readonly Step[]): TraceGuestSpec {
  let t = 0;
  return {
    kind: 'trace',
    name: 'steps',
    timesNs: Float64Array.from(steps, (s) => (t += s.gapNs)),
    offsetsBytes: Float64Array.from(steps, (s) => s.offset),
    lengthsBytes: Float64Array.from(steps, (s) => s.length),
    disks: new Uint16Array(steps.length),
    durationNs: t,
    startNs: 0,
    loop: false,
    rate: 1,
    stretch: 1,
  };
}

describe('bitmaps and meta-bitmap', () => {
  it('agree with sets of granules and real copies, whatever is written and flushed', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const d = disk(DISK, bitmap(), bitmap({ granularityBytes: 4 * KI }), bitmap({ recording: false }));
        const groups = perWriteGroups(
          { disk: d, index: 0, disks: 1, chunkBytes: CHUNK, draws: { seed: 1, replication: 0 } },
          () => {},
        );
        const tracker = new PerWriteTracker(groups, new TraceSource(trace(steps), DISK, 0));
        const truth = groups.map(() => new Set<number>());
        const copies = groups.map((group) =>
          Array.from({ length: group.chunkCount }, () => new Set<number>()),
        );
        const inChunk = (g: number, chunk: number): number[] =>
          [...truth[g]!].filter((bit) => Math.floor(bit / (8 * CHUNK)) === chunk).sort((a, b) => a - b);
        let now = 0;
        for (const s of steps) {
          now += s.gapNs;
          tracker.advance(now);
          for (const [g, group] of groups.entries()) {
            if (!group.recording) continue;
            const last = Math.min(DISK, s.offset + s.length) - 1;
            for (
              let bit = Math.floor(s.offset / group.granularityBytes);
              bit <= Math.floor(last / group.granularityBytes);
              bit++
            )
              truth[g]!.add(bit);
          }
          if (s.action === 'none') continue;
          // Writes at the same time as a later step's would already be in: only look where the next one is later.
          const next = steps[steps.indexOf(s) + 1];
          if (next !== undefined && next.gapNs === 0) continue;
          const taken = tracker.takeStale(s.action, s.settleNs);
          if (taken) {
            tracker.markStored(taken.group, taken.chunk);
            copies[taken.group]![taken.chunk] = new Set(inChunk(taken.group, taken.chunk));
          }
          for (const [g, group] of groups.entries()) {
            const stale = new Set(tracker.staleChunks(g));
            for (let chunk = 0; chunk < group.chunkCount; chunk++) {
              const bits = inChunk(g, chunk);
              const equal = bits.length === copies[g]![chunk]!.size;
              expect(group.setCount[chunk]).toBe(bits.length);
              expect(group.storedCount[chunk] === group.setCount[chunk]).toBe(equal);
              expect(bits.every((bit) => copies[g]![chunk]!.has(bit))).toBe(equal);
              if (group.recording) {
                expect(bits.every((bit) => group.has(bit))).toBe(true);
                expect(stale.has(chunk)).toBe(!equal);
              }
            }
          }
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});
