import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * The last act of a process. At its end Node waits for V8's compiler threads; one of them that needs room on a full heap
 * waits for a collection by the main thread, so both would wait for ever (nodejs/node#54918: a short run in a few hundred).
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
