/** The entry of a worker thread that gives rows; nothing of them is copied. */
import { kTransferable, kValue, Tinypool, type Transferable } from 'tinypool';
import type { Task } from '../run/task.js';
import { ROWS } from './batch.js';

export default async function work(task: Task): Promise<unknown> {
  const batch = await ROWS.here(task);
  const handed: Transferable = {
    [kTransferable]: [batch.ends.buffer, batch.downtimesMs.buffer],
    [kValue]: batch,
  };
  return Tinypool.move(handed);
}
