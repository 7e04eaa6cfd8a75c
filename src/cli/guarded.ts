/** For commands that start processes or make files: an interruption is no error, and ends with 130. */
import { Interrupted } from '../experiment/lab/cleanup.js';

export async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write('stopgap: interrupted; what was started has been ended and what was made removed\n');
    process.exitCode = error.exitCode;
  }
}
