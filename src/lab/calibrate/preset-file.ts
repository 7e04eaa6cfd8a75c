/** Figures of a storage as a preset file of models/storage: every figure with its mark and how it was got. */
import { stringify } from 'yaml';
import { isTree } from '../../base/tree.js';
import type { Figures } from '../../input/storage-figures/figures.js';

export interface Provenance {
  readonly summary: string;
  /** Day of the measurement, as the caller gives it (2026-05-01): the library reads no clock. */
  readonly date: string;
  readonly command: string;
  /** `fio-3.33`, `built-in probe`. */
  readonly tool: string;
}

const HEADER = '# Made by stopgap calibrate. Times are of single operations at queue depth 1.\n';
/** What such a file begins with. */
export const PRESET_MARK = /^# Made by stopgap calibrate\b/;
const SOURCE = 'calibration';
/** Keys that say what a figure is about, not what was measured. */
const UNCITED = /(^|\.)(at|host-cache)$/;

export function presetYaml(figures: Figures, provenance: Provenance): string {
  const preset: Record<string, unknown> = { summary: provenance.summary };
  for (const [path, value] of figures.values) {
    const [head, ...rest] = path.split('.');
    const leaf = UNCITED.test(path) ? value : cited(value);
    if (rest.length === 0) preset[head!] = leaf;
    else preset[head!] = { ...(preset[head!] as object | undefined), [rest.join('.')]: leaf };
  }
  preset.sources = { [SOURCE]: `${provenance.tool}, ${provenance.date}: ${provenance.command}` };
  const notes = figures.notes.map((note) => `# ${note}\n`).join('');
  return `${HEADER}${notes}${stringify(preset, { lineWidth: 0 })}`;
}

function cited(value: unknown): object {
  const figure = isTree(value) ? value : { value };
  return { ...figure, mark: 'measured', source: SOURCE };
}
