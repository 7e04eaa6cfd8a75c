/** An observed VM as a scenario file: each value with a comment that says how it is known. */

import { Document, isCollection, isNode } from 'yaml';
import { counted } from '../base/counted.js';
import { decimal } from '../base/exact-text.js';
import { oneLine } from '../base/printable.js';
import type { Observation } from '../lab/observe/observation.js';
import { plainTree, type ToldTree, toldValues } from '../lab/observe/told.js';

/** What such a file begins with. */
export const OBSERVED_MARK = /^# Made by stopgap observe\b/;

/** `shop (6f0c…), QEMU 7.2.22, 2 vCPUs, running`. */
function vmText({ name, uuid, qemu, cpus, status }: Observation): string {
  const called = [name, uuid].filter((text) => text !== undefined && text !== '').join(', ');
  const parts = [
    called === '' ? 'a VM without a name' : called,
    `QEMU ${qemu.join('.')}`,
    ...(cpus === undefined ? [] : [counted(cpus, 'vCPU')]),
    status,
  ];
  return parts.join(', ');
}

/** The file. `notes` stand at its head. */
export function observedYaml(observation: Observation, tree: ToldTree, notes: readonly string[]): string {
  const document = new Document(plainTree(tree), { aliasDuplicateObjects: false });
  for (const { path, known, how } of toldValues(tree)) {
    const node = document.getIn(path.split('.'), true);
    if (!isNode(node)) continue;
    if (isCollection(node)) node.flow = true;
    node.comment = ` ${oneLine(`${known}: ${how}`)}`;
  }
  const head = [
    `Made by stopgap observe: ${vmText(observation)}; ${decimal(observation.seconds, 1)} s.`,
    'Each value says whether it was observed or is assumed. To ask about it: stopgap ask FILE',
    ...notes.map((note) => `Note: ${note}`),
  ];
  document.commentBefore = head.map((line) => ` ${oneLine(line)}`).join('\n');
  return document.toString({ lineWidth: 0 });
}
