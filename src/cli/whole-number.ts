import { InputError } from '../base/errors.js';

/** The value of a flag that is a whole number within bounds. */
export function wholeNumber(text: string, flag: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new InputError(`--${flag}: '${text}' is not a whole number from ${least} to ${most}`);
  return value;
}
