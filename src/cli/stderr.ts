/** What the program says beside its results. */
import { oneLine, printable } from '../base/printable.js';

/** Something went wrong: one line. */
export function complain(message: string): void {
  process.stderr.write(`stopgap: ${oneLine(message)}\n`);
}

/** What was assumed, or what the user should know: one line. */
export function note(text: string): void {
  complain(`note: ${text}`);
}

/** Where in the program, for those who look for a bug in it. */
export function trace(error: Error): void {
  process.stderr.write(`${printable(error.stack ?? '')}\n`);
}
