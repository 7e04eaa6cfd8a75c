import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from '../../src/kernel/queue.js';

type Step = { push: number } | { cancel: number } | { pop: true };

/** Few distinct times, so that most comparisons are ties; more pushes than pops, so that the heap grows. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ cancel: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ pop: fc.constant(true as const) }) },
);

/** Takes the head of the queue: what its handler and argument say it is. */
function take(queue: EventQueue): string | undefined {
  const time = queue.nextTime();
  if (time === Number.POSITIVE_INFINITY) return undefined;
  return `${time}:${queue.args[queue.pop()]!}`;
}

it('gives events in the order of a stable sort, whatever is cancelled in between', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const queue = new EventQueue(1);
      const all: { time: number; id: number; handle: number; live: boolean }[] = [];
      const expectedHead = (): (typeof all)[number] | undefined =>
        all.filter((event) => event.live).sort((a, b) => a.time - b.time)[0];
      const popBoth = (): boolean => {
        const head = expectedHead();
        expect(take(queue)).toBe(head && `${head.time}:${head.id}`);
        if (head) head.live = false;
        return head !== undefined;
      };
      for (const action of steps) {
        if ('push' in action) {
          const id = all.length;
          all.push({ time: action.push, id, handle: queue.push(action.push, () => {}, id), live: true });
        } else if ('cancel' in action) {
          const event = all[action.cancel % Math.max(1, all.length)];
          if (event) expect(queue.cancel(event.handle)).toBe(event.live);
          if (event) event.live = false;
        } else popBoth();
        expect(queue.size).toBe(all.filter((event) => event.live).length);
      }
      while (popBoth());
      expect(new Set(all.map((event) => event.handle)).size).toBe(all.length);
    }),
    { numRuns: 200, seed: 1 },
  );
});

it('keeps its order when most of a heap is dropped at once', () => {
  const entry = fc.record({ time: fc.nat(1000), isKept: fc.integer({ min: 0, max: 3 }).map((n) => n === 0) });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 130, maxLength: 260 }), (entries) => {
      const queue = new EventQueue();
      const handles = entries.map(({ time }, id) => queue.push(time, () => {}, id));
      for (const [id, { isKept }] of entries.entries()) if (!isKept) queue.cancel(handles[id]!);
      const kept = entries
        .map(({ time, isKept }, id) => ({ time, isKept, id }))
        .filter(({ isKept }) => isKept);
      for (const { time, id } of kept.sort((a, b) => a.time - b.time))
        expect(take(queue)).toBe(`${time}:${id}`);
      expect(take(queue)).toBeUndefined();
    }),
    { numRuns: 400, seed: 12 },
  );
});

it('stays small when nearly everything is cancelled', () => {
  const queue = new EventQueue();
  const alive: number[] = [];
  for (let i = 0; i < 200_000; i++) {
    const handle = queue.push((i * 7919) % 1000, () => {}, i);
    if (i % 1000 === 0) alive.push((i * 7919) % 1000);
    else queue.cancel(handle);
  }
  expect(queue.size).toBe(200);
  expect(queue.args.length).toBeLessThanOrEqual(1024);
  const order: number[] = [];
  for (;;) {
    const time = queue.nextTime();
    if (time === Number.POSITIVE_INFINITY) break;
    order.push(time);
    queue.pop();
  }
  expect(order).toEqual(alive.sort((a, b) => a - b));
});

it('a slot that has used up its epochs is retired, so that no old handle comes back to life', () => {
  const queue = new EventQueue(4);
  const old = queue.push(1, () => {}, 0);
  queue.nextTime();
  const slot = queue.pop();
  const inner = queue as unknown as { epochs: Uint32Array };
  inner.epochs[slot] = 2 ** 29 - 1;
  queue.push(2, () => {}, 0);
  queue.nextTime();
  expect(queue.pop()).toBe(slot);
  const fresh = queue.push(3, () => {}, 0);
  expect(fresh % 2 ** 24).not.toBe(slot);
  expect(queue.cancel(old)).toBe(false);
  expect(queue.cancel(fresh)).toBe(true);
});
