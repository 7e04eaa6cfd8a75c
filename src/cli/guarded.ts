/** For commands that start processes or make files: neither an interruption nor a process that failed is a bug. */
import { InputError } from '../base/errors.js';
import { Interrupted } from '../lab/process/cleanup.js';
import { LabError } from '../lab/process/lab-error.js';
import { EXIT } from './exit.js';
import { complain } from './stderr.js';

/** Runs a command's work. `what` begins the message where something outside failed. */
export async function guarded(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LabError) throw new InputError(`${what}: ${error.message}`);
    if (!(error instanceof Interrupted)) throw error;
    complain('interrupted; what was started has been ended and what was made removed');
    process.exitCode = EXIT.interrupted;
  }
}
