/** The entry of a worker thread. */
import { runTask, type Task, type TaskResult } from './task.js';

export default function work(task: Task): Promise<TaskResult> {
  return runTask(task);
}
