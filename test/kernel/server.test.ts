import { describe, expect, it } from 'vitest';
import { Kernel } from '../../src/kernel/kernel.js';
import type { Process } from '../../src/kernel/process.js';
import { Server } from '../../src/kernel/server.js';

const forever = { untilNs: Number.POSITIVE_INFINITY, eventsMax: 1e6 };

function bench(servers: number): { kernel: Kernel; server: Server; log: string[] } {
  const kernel = new Kernel();
  return { kernel, server: new Server(kernel, servers), log: [] };
}

describe('Server', () => {
  it('serves first come first served on k servers and keeps the books', () => {
    const { kernel, server, log } = bench(2);
    for (const [i, ns] of [10, 4, 3, 5].entries())
      server.submit(ns, 0, () => log.push(`${i}@${kernel.nowNs}`));
    expect([server.busy, server.waiting]).toEqual([2, 2]);
    kernel.run(forever);
    expect(log).toEqual(['1@4', '2@7', '0@10', '3@12']);
    expect(server.waitNs).toBe(4 + 7);
    expect(server.serviceNs).toBe(22);
    expect(server.busyNs).toBe(22);
    expect([server.started, server.ended, server.busy, server.waiting]).toEqual([4, 4, 0, 0]);
  });

  it('counts busy time up to now, also in the middle of a service', () => {
    const { kernel, server } = bench(1);
    server.submit(100, 0, () => {});
    kernel.schedule(30, () => expect(server.busyNs).toBe(30));
    kernel.run({ untilNs: 60, eventsMax: 10 });
    expect(server.busyNs).toBe(60);
    expect(server.serviceNs).toBe(100);
  });

  it('lets a smaller class go first, first in first out inside a class, without interrupting', () => {
    const { kernel, server, log } = bench(1);
    const submit = (name: string, priority: number): void =>
      server.submit(10, priority, () => log.push(`${name}@${kernel.nowNs}`));
    submit('low1', 2);
    submit('low2', 2);
    submit('mid1', 1);
    submit('mid2', 1);
    kernel.schedule(15, () => submit('top', 0));
    kernel.run(forever);
    expect(log).toEqual(['low1@10', 'mid1@20', 'top@30', 'mid2@40', 'low2@50']);
  });

  it('asks a service time when the service begins', () => {
    const { kernel, server, log } = bench(1);
    let writtenBytes = 0;
    server.submit(5, 0, () => {
      writtenBytes += 100;
    });
    server.submit(
      () => 1 + writtenBytes,
      0,
      () => log.push(`flushed@${kernel.nowNs}`),
    );
    kernel.run(forever);
    expect(log).toEqual(['flushed@6']);
  });

  it('whoever submits at the end of a service does not jump the queue', () => {
    const { kernel, server, log } = bench(1);
    server.submit(1, 0, () => server.submit(1, 0, () => log.push('again')));
    server.submit(1, 0, () => log.push('waited'));
    kernel.run(forever);
    expect(log).toEqual(['waited', 'again']);
  });

  it('a process uses it by yield*', () => {
    const { kernel, server, log } = bench(1);
    function* user(name: string): Process {
      yield* server.use(20);
      log.push(`${name}@${kernel.nowNs}`);
    }
    kernel.spawn('a', user('a'));
    kernel.spawn('b', user('b'));
    kernel.run(forever);
    expect(log).toEqual(['a@20', 'b@40']);
  });

  it('keeps the order of a long line', () => {
    const { kernel, server } = bench(1);
    const served: number[] = [];
    for (let i = 0; i < 1000; i++) server.submit(1, 3, () => served.push(i));
    kernel.run(forever);
    expect(served).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('refuses nonsense', () => {
    const kernel = new Kernel();
    expect(() => new Server(kernel, 0)).toThrow('servers');
    expect(() => new Server(kernel, 1.5)).toThrow('servers');
    const server = new Server(kernel, 1);
    expect(() => server.submit(-1, 0, () => {})).toThrow('delay');
    expect(() => server.submit(1, -1, () => {})).toThrow('priority');
  });
});
