/** A situation of the page comes back from its link, and means the same as a command line and as a scenario file. */

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { resolveTree } from '../../src/input/resolve.js';
import { fromHash, type Situation, toCommand, toHash, toSettings, toYaml } from '../../src/page/situation.js';

const SITUATIONS: readonly Situation[] = [
  {},
  { 'disk.size': '4T', 'bitmaps.dirty': '25%', storage: 'nvme-plp', 'disk.discard': 'off' },
  { storage: 'ceph-nvme', 'storage.write.latency': '2ms', link: '5Gbit/s', 'what-if.defer-punch': 'on' },
  {
    workload: 'oltp',
    'workload.write-size': '{4k: 60%, 64k: 40%}',
    qemu: '10.0',
    'pre-flush.rate': 'unlimited',
  },
  { disks: '4T:bitmaps=3,granularity=16k\n500G', storage: 'ceph-nvme' },
  { 'migration.downtime-limit': '50ms', budget: 'nova', strategies: 'store-at-stop,pre-flush', seed: '7' },
];

describe('a situation of the page', () => {
  it.each(SITUATIONS)('%j comes back from its link', (situation) => {
    expect(fromHash(`#${toHash(situation)}`)).toEqual(situation);
  });

  it.each(SITUATIONS)('%j is the same question as a scenario file', async (situation) => {
    const [fromFile, fromPage] = [
      await resolveTree(parse(toYaml(situation)) ?? {}, {}),
      await resolveTree({}, toSettings(situation)),
    ];
    expect(fromFile.question).toEqual(fromPage.question);
    expect(fromFile.scenario).toEqual(fromPage.scenario);
  });

  it('is a line for a shell, in the order of the flags', () => {
    expect(toCommand({ 'what-if.defer-punch': 'on', 'disk.size': '4T', 'bitmaps.dirty': '25%' })).toBe(
      'stopgap ask --disk 4T --dirty 25% --set what-if.defer-punch=on',
    );
    expect(toCommand({ storage: "it's; rm -rf" })).toBe(`stopgap ask --storage 'it'\\''s; rm -rf'`);
  });

  it('has each disk of a list as a flag of its own, and never as the size of all', () => {
    expect(toCommand({ disks: '4T:bitmaps=3\n\n500G' })).toBe('stopgap ask --disk 4T:bitmaps=3 --disk 500G:');
  });

  it('is YAML that a person would write, and that reads the same everywhere', () => {
    const situation = {
      'disk.size': '4T',
      'disk.discard': 'off',
      'bitmaps.count': '7',
      qemu: '10.0',
      'workload.write-size': '{4k: 60%, 64k: 40%}',
    };
    expect(toYaml(situation)).toBe(
      'disk:\n  size: 4T\n  discard: "off"\nbitmaps:\n  count: 7\nqemu: "10.0"\nworkload:\n  write-size: { 4k: 60%, 64k: 40% }\n',
    );
    expect(toYaml({ 'workload.write-size': '{4k: 60' })).toContain('write-size: "{4k: 60"');
  });

  it('takes nothing from a link that is no parameter', () => {
    expect(fromHash('#answer&constructor=1&__proto__=2&disk.size=1T')).toEqual({ 'disk.size': '1T' });
  });
});
