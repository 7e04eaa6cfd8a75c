/** What is said of disks that are copied along. */
import { formatSize, formatTime } from '../base/units.js';
import type { Answer } from '../study/answer/answer.js';

/** The copy-mode of the mirrors; null where the storage is shared. */
export function copyModeOf({ mirror_copy_mode: mode }: Answer['question']): string | null {
  return mode === undefined || mode === 'off' ? null : String(mode);
}

/** How long the mirrors take, and what of the stop is theirs; in place of a floor, since the source can leave nothing behind. */
export function mirrorText({ question, strategies }: Answer): string {
  const mode = copyModeOf(question);
  const first = strategies.find(({ state }) => state === 'completed');
  if (mode === null || first === undefined) return '';
  const { mirror_ms: readyMs, mirror_bytes: bytes, phases_ms: phases } = first;
  const mirrorMs = phases.mirror ?? 0;
  return (
    `Mirrors (${mode}): ready after ${formatTime(Number(readyMs) * 1e6)} with ${formatSize(Math.round(Number(bytes)))} copied, ` +
    `then the migration begins; ${formatTime(mirrorMs * 1e6)} of the stop is theirs. ` +
    'No copy of a bitmap can be left in an image: the destination has one of its own.'
  );
}
