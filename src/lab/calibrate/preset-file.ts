/** Values of a storage as a preset file of models/storage: each with its mark and how it was got. */
import { stringify } from 'yaml';
import { isTree } from '../../base/tree.js';
import type { StorageValues } from '../../input/storage-values/values.js';

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
/** Keys that say what a value is about, not what was measured. */
const UNCITED = /(^|\.)(at|host-cache)$/;

export function presetYaml(found: StorageValues, provenance: Provenance): string {
  const preset: Record<string, unknown> = { summary: provenance.summary };
  for (const [path, value] of found.values) {
    const [head, ...rest] = path.split('.');
    const leaf = UNCITED.test(path) ? value : cited(value);
    if (rest.length === 0) preset[head!] = leaf;
    else preset[head!] = { ...(preset[head!] as object | undefined), [rest.join('.')]: leaf };
  }
  preset.sources = { [SOURCE]: `${provenance.tool}, ${provenance.date}: ${provenance.command}` };
  const notes = found.notes.map((note) => `# ${note}\n`).join('');
  return `${HEADER}${notes}${stringify(preset, { lineWidth: 0 })}`;
}

function cited(value: unknown): object {
  const cited = isTree(value) ? value : { value };
  return { ...cited, mark: 'measured', source: SOURCE };
}
