/** How often something was measured, and what a single time cannot tell. */
import { counted } from '../base/counted.js';

/** `3 repeats, medians`. */
export function repeatsText(repeats: number): string {
  return repeats === 1 ? '1 repeat' : `${counted(repeats, 'repeat')}, medians`;
}

/** A warning where there is but one; empty otherwise. */
export function repeatsNote(repeats: number): string {
  return repeats === 1
    ? 'One repeat says nothing of chance: a difference may be the model or this one stop; --repeats 3 or more tells them apart.'
    : '';
}
