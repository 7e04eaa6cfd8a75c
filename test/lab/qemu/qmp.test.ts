import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Qmp, QmpError } from '../../../src/lab/qemu/qmp.js';

const GREETING = '{"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": []}}\n';
const EVENT = (name: string, us: number, data: object = {}): string =>
  `${JSON.stringify({ timestamp: { seconds: 100, microseconds: us }, event: name, data })}\n`;

let directory: string;
let server: Server;
let peer: Socket;
let answer: (request: { execute: string; id: number }, socket: Socket) => void;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stopgap-test-'));
  answer = ({ id }, socket) => socket.write(`${JSON.stringify({ return: {}, id })}\n`);
  server = createServer((socket) => {
    peer = socket;
    socket.write(GREETING);
    socket.on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) answer(JSON.parse(line), socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(join(directory, 'qmp'), resolve));
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const connected = (): Promise<Qmp> => Qmp.connect(join(directory, 'qmp'), 2000);

describe('QMP', () => {
  test('leaves negotiation mode and answers commands by id, in any order', async () => {
    const qmp = await connected();
    const held: number[] = [];
    answer = ({ id }, socket) => {
      held.push(id);
      if (held.length < 2) return;
      for (const one of held.reverse()) socket.write(`{"return": ${one}, "id": ${one}}\n`);
    };
    const [a, b] = await Promise.all([qmp.execute<number>('a'), qmp.execute<number>('b')]);
    expect(b).toBe(a + 1);
    qmp.close();
  });

  test('keeps events in order with microseconds, also when a line comes in two pieces', async () => {
    const qmp = await connected();
    const text = EVENT('STOP', 1) + EVENT('MIGRATION', 2, { status: 'completed' });
    peer.write(text.slice(0, 30));
    setTimeout(() => peer.write(text.slice(30)), 5);
    const end = await qmp.wait('MIGRATION', 0, 2000, (data) => data.status === 'completed');
    expect(end.timeUs - qmp.find('STOP', 0)!.timeUs).toBe(1);
    expect(qmp.events.map((event) => event.event)).toEqual(['STOP', 'MIGRATION']);
    expect(qmp.find('STOP', 1)).toBeUndefined();
    qmp.close();
  });

  test("an error has the command and QEMU's words", async () => {
    const qmp = await connected();
    answer = ({ id }, socket) =>
      socket.write(`{"error": {"class": "GenericError", "desc": "no such node"}, "id": ${id}}\n`);
    await expect(qmp.execute('block-dirty-bitmap-add')).rejects.toThrow(
      'block-dirty-bitmap-add: no such node',
    );
    qmp.close();
  });

  test('gives up on a command without answer and on an event that does not come', async () => {
    const qmp = await connected();
    answer = () => {};
    await expect(qmp.execute('query-status', {}, 30)).rejects.toThrow('query-status: no answer within 30 ms');
    await expect(qmp.wait('RESUME', 0, 30)).rejects.toThrow('no event RESUME within 30 ms');
    qmp.close();
  });

  test('a QEMU that dies fails what waits for it', async () => {
    const qmp = await connected();
    answer = (_, socket) => socket.destroy();
    await expect(qmp.execute('quit')).rejects.toThrow(QmpError);
    await expect(qmp.wait('STOP', 0, 2000)).rejects.toThrow(QmpError);
  });

  test('does not wait for a socket whose process has gone', async () => {
    await expect(Qmp.connect(join(directory, 'nothing'), 5000, () => false)).rejects.toThrow('ENOENT');
  });
});
