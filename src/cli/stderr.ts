/** What the program says besides its results. */

/** Something went wrong: one line. */
export function complain(message: string): void {
  process.stderr.write(`stopgap: ${message}\n`);
}

/** What was assumed, or what the user should know: one line. */
export function note(text: string): void {
  complain(`note: ${text}`);
}
