/** The boot sector, against what GNU as makes of the same program, and the places that it is told its numbers at. */
import { describe, expect, it } from 'vitest';
import { bootSector } from '../../../src/lab/ram/boot-sector.js';

const MIB = 2 ** 20;
const guest = { spanBytes: 64 * MIB, usedBytes: 32 * MIB, workingSetBytes: 16 * MIB, pagesPerS: 4000 };

describe('the boot sector', () => {
  const sector = bootSector(guest);

  it('is one that a PC boots', () => {
    expect(sector.length).toBe(512);
    expect([...sector.subarray(510)]).toEqual([0x55, 0xaa]);
    // cli first; the program ends with the timer's iret, before its tables.
    expect(sector[0]).toBe(0xfa);
    expect(sector[0xb1]).toBe(0xcf);
    expect(sector[0xb2]).toBe(0);
  });

  it('fills every second page, and writes to every fourth', () => {
    expect(sector.readUInt32LE(0xce)).toBe((32 * MIB) / 4096);
    expect(sector.readUInt32LE(0x40)).toBe(2 * 4096);
    expect(sector.readUInt8(0x98)).toBe(14);
    // The upper 12 of 32 random bits choose one of 4096 pages.
    expect(sector.readUInt8(0xdc)).toBe(32 - 12);
    expect(sector.readUInt32LE(0xd2)).toBe(4);
  });
});
