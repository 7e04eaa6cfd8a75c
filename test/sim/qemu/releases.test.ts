import { describe, expect, it } from 'vitest';
import {
  alikeReleases,
  howKnown,
  isRelease,
  knownTraits,
  qemuSpec,
  qemuText,
  RELEASES,
} from '../../../src/sim/qemu/releases.js';

describe('releases of QEMU', () => {
  it.each([
    ['7.2.22', '7.2'],
    ['6.2', '7.2'],
    ['8.2.4', '8.2'],
    ['9.1', '9.2'],
    ['10', '10.0'],
    ['11.1', '10.2'],
  ])('%s behaves as %s', (name, as) => {
    expect({ ...qemuSpec(name), name: as }).toEqual(qemuSpec(as));
    expect(alikeReleases(name)).toBe(alikeReleases(as));
  });

  it('knows no others', () => {
    for (const name of ['', '5.2', '6.1', '7.3', '9', '12.0', '9.2-rc1', 'v9.2', 'newest'])
      expect([name, isRelease(name)]).toEqual([name, name === '9']);
    expect(isRelease('fixed')).toBe(true);
  });

  it('changes its traits at the releases of the commits', () => {
    const changes = RELEASES.filter(
      (release, i) => i > 0 && alikeReleases(release) !== alikeReleases(RELEASES[i - 1]!),
    );
    expect(changes).toEqual(['8.0', '8.1', '8.2', '9.0', '10.0', '10.1', '10.2']);
    expect(qemuSpec('9.2')).toMatchObject({ storeFirst: false, stopFlushes: 1, brokenWireStores: false });
    expect(qemuSpec('10.0')).toMatchObject({
      storeFirst: true,
      equalSwitches: false,
      brokenWireStores: true,
    });
    expect(qemuSpec('fixed')).toMatchObject({ ...qemuSpec('10.2'), name: 'fixed', fixed: true });
  });

  it('marks a trait as measured on the release that was watched, and what was not read as assumed', () => {
    const known = (release: string): unknown =>
      knownTraits(release).find(({ trait }) => trait === 'storeFirst')!.known;
    expect(['7.2.1', '9.2', '9.1', '10.0', '11.0'].map(known)).toEqual([
      'measured',
      'measured',
      'source read',
      'source read',
      'assumed',
    ]);
    expect(howKnown('11.0')).toContain(`${knownTraits('11.0').length} assumed`);
    expect(qemuText('7.2')).toBe('7.2');
    expect(qemuText('9.1')).toContain('as 9.0 to 9.2');
  });
});
