/** Values of parameters in words: sizes, times, rates and shares with their units. */
import { formatRate, formatSize, formatTime } from '../base/units.js';

/** A value in the unit that results give it in. */
export function valueText(value: number, unit: string): string {
  if (unit === 'bytes') return formatSize(value);
  if (unit === 'bytes/s') return formatRate(value);
  if (unit === 'ms') return formatTime(value * 1e6);
  if (unit === 'share') return `${Number((value * 100).toPrecision(4))} %`;
  return String(Number(value.toPrecision(6)));
}
