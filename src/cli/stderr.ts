/** What the program says besides its results. */
import { oneLine, printable } from '../base/printable.js';

/** Notes wait for a result: where there is none, the reason is all that is said. */
let held: string[] = [];

function write(message: string): void {
  process.stderr.write(`stopgap: ${oneLine(message)}\n`);
}

/** Something went wrong with a result that there is: one line. */
export function complain(message: string): void {
  releaseNotes();
  write(message);
}

/** There is no result: one line, and nothing else. */
export function fail(message: string): void {
  held = [];
  write(message);
}

/** What was assumed, or what the user should know of the result: one line, said once. */
export function note(text: string): void {
  const line = `note: ${text}`;
  if (!held.includes(line)) held.push(line);
}

/** What the user should know while it happens. */
export function noteNow(text: string): void {
  complain(`note: ${text}`);
}

/** The result comes, or the end without an error. */
export function releaseNotes(): void {
  for (const text of held) write(text);
  held = [];
}

/** Where in the program, for those who look for a bug in it. */
export function trace(error: Error): void {
  process.stderr.write(`${printable(error.stack ?? '')}\n`);
}
