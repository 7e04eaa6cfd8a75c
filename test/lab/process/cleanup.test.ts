import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Interrupted, withCleanup, withScope } from '../../../src/lab/process/cleanup.js';
import { startServer } from '../../../src/lab/process/programs.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'stopgap-test-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  return !isAlive(pid);
}

describe('cleanup', () => {
  test('on success: newest first, once', async () => {
    const order: string[] = [];
    const result = await withCleanup(async (cleanup) => {
      cleanup.defer(() => order.push('first'));
      const early = cleanup.defer(() => order.push('early'));
      cleanup.defer(() => order.push('last'));
      early();
      return 7;
    });
    expect(result).toBe(7);
    expect(order).toEqual(['early', 'last', 'first']);
  });

  test('on failure: the directory goes, a failing step does not stop the others, the error stays', async () => {
    await expect(
      withCleanup(async (cleanup) => {
        const made = cleanup.tempDir(parent, 'x');
        writeFileSync(join(made, 'file'), 'data');
        cleanup.defer(() => {
          throw new Error('a step that fails');
        });
        throw new Error('the measurement failed');
      }),
    ).rejects.toThrow('the measurement failed');
    expect(readdirSync(parent)).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s: processes and files, while the body hangs',
    async (signal) => {
      let pid = 0;
      let made = '';
      const running = withCleanup(async (cleanup) => {
        made = cleanup.tempDir(parent, 'x');
        pid = startServer(cleanup, 'sleep', ['600'], made).child.pid!;
        process.emit(signal, signal);
        await new Promise(() => {});
      });
      await expect(running).rejects.toThrow(Interrupted);
      expect(existsSync(made)).toBe(false);
      expect(await gone(pid)).toBe(true);
      expect(process.listenerCount(signal)).toBe(0);
    },
  );

  test('a scope ends its own part before the rest', async () => {
    await withCleanup(async (cleanup) => {
      const made = await withScope(cleanup, async (scope) => scope.tempDir(parent, 'inner'));
      expect(existsSync(made)).toBe(false);
    });
  });
});
