/**
 * QMP, QEMU's control protocol, over a unix socket: a greeting, then JSON commands and answers, one a line, with
 * events in between. Event times are QEMU's own (microseconds), so waiting late does not blur them.
 */

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTree } from '../../base/tree.js';
import { LabError } from '../process/lab-error.js';

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** QEMU's clock (Unix epoch), microseconds. */
  readonly timeUs: number;
}

/** The connection is no use: it ended, is no QMP, or said nothing in time. */
export class QmpError extends LabError {
  override readonly name: string = 'QmpError';
}

/** A command that QEMU refused; the message has its description. The connection is as good as before. */
export class QmpRefusal extends QmpError {
  override readonly name = 'QmpRefusal';
}

interface Message {
  readonly QMP?: unknown;
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly data?: Record<string, unknown>;
  readonly timestamp?: { readonly seconds: number; readonly microseconds: number };
}

interface Waiting {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const COMMAND_TIMEOUT_MS = 120_000;
/** No reply comes near it; what sends more without the end of a line is something else. */
const LINE_MAX = 2 ** 28;

/** One connection. Commands may overlap; answers are told apart by id. */
export class Qmp {
  /** All events so far, oldest first. `events.length` before a command is the `since` of what it causes. */
  readonly events: QmpEvent[] = [];
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #listeners: (() => void)[] = [];
  #nextId = 0;
  #rest = '';
  #closed: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new QmpError('QEMU closed the control connection')));
  }

  /** Connects (trying again until the socket exists), waits for the greeting and leaves negotiation mode. */
  static async connect(path: string, timeoutMs = 30_000, alive: () => boolean = () => true): Promise<Qmp> {
    const endMs = Date.now() + timeoutMs;
    for (;;) {
      try {
        return await Qmp.#greeted(new Qmp(await open(path)), Math.max(1, endMs - Date.now()));
      } catch (error) {
        if (error instanceof QmpError || !alive() || Date.now() > endMs) throw error;
        await sleep(10);
      }
    }
  }

  static async #greeted(qmp: Qmp, timeoutMs: number): Promise<Qmp> {
    try {
      await qmp.execute('qmp_capabilities', {}, timeoutMs);
      return qmp;
    } catch (error) {
      qmp.close(); // an open socket would keep the program running
      throw error;
    }
  }

  /** Sends a command and waits for its answer. */
  execute<T = unknown>(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    timeoutMs = COMMAND_TIMEOUT_MS,
  ): Promise<T> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new QmpError(`${command}: no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      const finish =
        <A>(then: (value: A) => void) =>
        (value: A): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(id, {
        command,
        resolve: finish<unknown>((value) => resolve(value as T)),
        reject: finish(reject),
      });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  /** The first event from index `since` that is called `event` and satisfies `accept`, if it has come. */
  find(
    event: string,
    since: number,
    accept: (data: QmpEvent['data']) => boolean = () => true,
  ): QmpEvent | undefined {
    for (let i = since; i < this.events.length; i++) {
      const candidate = this.events[i]!;
      if (candidate.event === event && accept(candidate.data)) return candidate;
    }
    return undefined;
  }

  /** Waits for such an event. */
  async wait(
    event: string,
    since: number,
    timeoutMs: number,
    accept?: (data: QmpEvent['data']) => boolean,
  ): Promise<QmpEvent> {
    const endMs = Date.now() + timeoutMs;
    for (;;) {
      const found = this.find(event, since, accept);
      if (found) return found;
      if (this.#closed) throw this.#closed;
      const leftMs = endMs - Date.now();
      if (leftMs <= 0) throw new QmpError(`no event ${event} within ${timeoutMs} ms`);
      await this.#news(leftMs);
    }
  }

  /** Lets time pass; rejects as soon as the connection ends. */
  async pass(timeMs: number): Promise<void> {
    const endMs = Date.now() + timeMs;
    for (let leftMs = timeMs; leftMs > 0; leftMs = endMs - Date.now()) {
      if (this.#closed) throw this.#closed;
      await this.#news(leftMs);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Until an event comes or the connection ends, at most `leftMs`. */
  #news(leftMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, leftMs);
      this.#listeners.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #receive(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    try {
      if (this.#rest.length > LINE_MAX) throw new SyntaxError('no end of line');
      for (const line of lines) if (line.trim()) this.#dispatch(parseMessage(line));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#fail(new QmpError('what it says is not QMP'));
      this.#socket.destroy();
    }
  }

  #dispatch(message: Message): void {
    if (message.event !== undefined) {
      const { seconds = 0, microseconds = 0 } = message.timestamp ?? {};
      this.events.push({
        event: message.event,
        data: message.data ?? {},
        timeUs: seconds * 1e6 + microseconds,
      });
      this.#wake();
      return;
    }
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (!waiting) return; // the greeting, or the answer to a command given up
    this.#waiting.delete(message.id!);
    if (message.error) waiting.reject(new QmpRefusal(`${waiting.command}: ${message.error.desc}`));
    else waiting.resolve(message.return);
  }

  #fail(error: Error): void {
    this.#closed ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#closed);
    this.#waiting.clear();
    this.#wake();
  }

  #wake(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}

function parseMessage(line: string): Message {
  const message: unknown = JSON.parse(line);
  if (!isTree(message)) throw new SyntaxError('no object');
  return message;
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
