/**
 * What the user gave cannot be used. The message is one line: where, what was given, what is allowed.
 * The command line prints it without a stack trace and exits with 2.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}
