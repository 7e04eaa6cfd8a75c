import { describe, expect, it } from 'vitest';
import { Kernel } from '../../src/kernel/kernel.js';
import type { Process } from '../../src/kernel/process.js';
import { Signal } from '../../src/kernel/signal.js';

const forever = { untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e6 };

describe('the clock', () => {
  it('handles equal times first in, first out, and passes the argument', () => {
    const kernel = new Kernel();
    const log: string[] = [];
    const note = (arg: number): void => void log.push(`${kernel.nowNs}:${arg}`);
    kernel.schedule(5, note, 1);
    kernel.schedule(3, note, 2);
    kernel.schedule(5, note, 3);
    kernel.schedule(3, (arg) => {
      note(arg);
      kernel.schedule(2, note, 5);
      kernel.schedule(0, note, 6);
    });
    expect(kernel.run(forever)).toBe('idle');
    expect(log).toEqual(['3:2', '3:0', '3:6', '5:1', '5:3', '5:5']);
    expect(kernel.eventCount).toBe(6);
  });

  it('runs half-open intervals and says which limit ended them', () => {
    const kernel = new Kernel();
    const times: number[] = [];
    const tick = (): void => {
      times.push(kernel.nowNs);
      kernel.schedule(10, tick);
    };
    kernel.schedule(10, tick);
    expect(kernel.run({ untilNs: 30, eventsMax: 100 })).toBe('until');
    expect(times).toEqual([10, 20]);
    expect(kernel.nowNs).toBe(30);
    expect(kernel.run({ untilNs: 1000, eventsMax: 2 })).toBe('events-max');
    expect(times).toEqual([10, 20, 30, 40]);
    expect(kernel.nowNs).toBe(40);
    expect(kernel.run({ untilNs: 40, eventsMax: 2 })).toBe('until');
    expect(kernel.run({ untilNs: 1000, eventsMax: 0 })).toBe('events-max');
    kernel.schedule(0, () => kernel.stop());
    expect(kernel.run(forever)).toBe('stopped');
    expect(kernel.pendingCount).toBe(1);
  });

  it('an idle run leaves the clock at the last event, an empty one where it was', () => {
    const kernel = new Kernel();
    expect(kernel.run({ untilNs: 5, eventsMax: 1 })).toBe('idle');
    expect(kernel.nowNs).toBe(0);
    kernel.schedule(3, () => {});
    expect(kernel.run({ untilNs: 5, eventsMax: 1 })).toBe('idle');
    expect(kernel.nowNs).toBe(3);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53])(
    'refuses a delay of %s',
    (delay) => {
      expect(() => new Kernel().schedule(delay, () => {})).toThrow(`delay ${delay} ns`);
    },
  );

  it('refuses a run into the past, to a fraction, or inside a run', () => {
    const kernel = new Kernel();
    kernel.schedule(7, () => {
      expect(() => kernel.run(forever)).toThrow('run() inside run()');
    });
    kernel.run(forever);
    expect(() => kernel.run({ untilNs: 6, eventsMax: 1 })).toThrow('before now');
    expect(() => kernel.run({ untilNs: 7.5, eventsMax: 1 })).toThrow('7.5');
    expect(() => kernel.run({ untilNs: 8, eventsMax: -1 })).toThrow('eventsMax');
  });

  it('cancels once, and never a later event in the same slot', () => {
    const kernel = new Kernel();
    const log: string[] = [];
    const first = kernel.schedule(5, () => log.push('first'));
    expect(kernel.cancel(first)).toBe(true);
    expect(kernel.cancel(first)).toBe(false);
    kernel.run(forever);
    const second = kernel.schedule(5, () => log.push('second'));
    expect(second).not.toBe(first);
    expect(kernel.cancel(first)).toBe(false);
    kernel.run(forever);
    expect(log).toEqual(['second']);
    expect(kernel.cancel(second)).toBe(false);
  });

  it('gives an exception of a handler to the caller of run, and can go on after it', () => {
    const kernel = new Kernel();
    kernel.schedule(1, () => {
      throw new RangeError('broken part');
    });
    kernel.schedule(2, () => {});
    expect(() => kernel.run(forever)).toThrow(RangeError);
    expect(kernel.nowNs).toBe(1);
    expect(kernel.run(forever)).toBe('idle');
  });
});

describe('processes', () => {
  it('wait for delays, signals and each other, in the order of asking', () => {
    const kernel = new Kernel();
    const log: string[] = [];
    const door = new Signal();
    function* visitor(name: string): Process {
      yield door;
      log.push(`${name} in at ${kernel.nowNs}`);
    }
    function* porter(): Process<number> {
      yield 40;
      door.fire();
      log.push('opened');
      yield 2;
      return kernel.nowNs;
    }
    function* day(): Process {
      const visits = [kernel.spawn('a', visitor('a')), kernel.spawn('b', visitor('b'))];
      const closedNs = yield* porter();
      expect(visits.map(({ fired }) => fired)).toEqual([true, true]);
      log.push(`closed at ${closedNs}`);
    }
    const ended = kernel.spawn('day', day());
    expect(kernel.run({ untilNs: 10, eventsMax: 100 })).toBe('until');
    expect(kernel.processNames).toEqual(['day', 'a', 'b']);
    expect(kernel.run(forever)).toBe('idle');
    expect(ended.fired).toBe(true);
    expect(kernel.processNames).toEqual([]);
    expect(log).toEqual(['opened', 'a in at 40', 'b in at 40', 'closed at 42']);
  });

  it('start after the events already due, and see nothing of a run that stands still', () => {
    const kernel = new Kernel();
    const log: string[] = [];
    kernel.schedule(0, () => log.push('due'));
    kernel.spawn(
      'p',
      (function* (): Process {
        log.push('p');
        yield new Signal();
      })(),
    );
    expect(log).toEqual([]);
    expect(kernel.run(forever)).toBe('idle');
    expect(log).toEqual(['due', 'p']);
    expect(kernel.processNames).toEqual(['p']);
  });

  it('an exception in a process stops the run', () => {
    const kernel = new Kernel();
    kernel.spawn(
      'p',
      (function* (): Process {
        yield 3;
        throw new TypeError('lost a bit');
      })(),
    );
    kernel.schedule(4, () => expect.unreachable());
    expect(() => kernel.run(forever)).toThrow(TypeError);
    expect(kernel.nowNs).toBe(3);
  });

  it('a yield of anything else is named', () => {
    const kernel = new Kernel();
    kernel.spawn(
      'flusher',
      (function* (): Process {
        yield 'soon' as unknown as number;
      })(),
    );
    expect(() => kernel.run(forever)).toThrow("process 'flusher' yielded soon");
  });

  it('the event limit holds a process that waits for what has fired', () => {
    const kernel = new Kernel();
    const fired = new Signal();
    fired.fire();
    kernel.spawn(
      'loop',
      (function* (): Process {
        for (;;) yield fired;
      })(),
    );
    expect(kernel.run({ untilNs: 1, eventsMax: 1000 })).toBe('events-max');
  });
});

describe('signals', () => {
  it('fire once; in order of asking; late listeners are told at once', () => {
    const signal = new Signal();
    const log: string[] = [];
    signal.onFire(() => log.push('one'));
    signal.onFire(() => log.push('two'));
    signal.fire();
    signal.fire();
    signal.onFire(() => log.push('late'));
    expect(log).toEqual(['one', 'two', 'late']);
  });
});
