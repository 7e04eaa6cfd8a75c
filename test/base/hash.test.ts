import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash128, hashHex } from '../../src/base/hash.js';

/**
 * MurmurHash3_x86_128 over bytes with a seed, in BigInt arithmetic: written from the published description, in
 * another shape than src/base/hash.ts, and itself held against the published verification value below.
 */
function oracle(bytes: Uint8Array, seed: number): [bigint, bigint, bigint, bigint] {
  const mask = 0xffffffffn;
  const mul = (a: bigint, b: bigint): bigint => (a * b) & mask;
  const rot = (a: bigint, r: bigint): bigint => ((a << r) | (a >> (32n - r))) & mask;
  const c = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n];
  const turn = [15n, 16n, 17n, 18n];
  const mix: [bigint, bigint][] = [
    [19n, 0x561ccd1bn],
    [17n, 0x0bcaa747n],
    [15n, 0x96cd1c35n],
    [13n, 0x32ac3b17n],
  ];
  const h = [0, 1, 2, 3].map(() => BigInt(seed)) as [bigint, bigint, bigint, bigint];
  for (let at = 0; at < bytes.length; at += 16) {
    const block = new Uint8Array(16);
    block.set(bytes.subarray(at, at + 16));
    const words = new DataView(block.buffer);
    for (let i = 0; i < 4; i++) {
      const k = BigInt(words.getUint32(i * 4, true));
      h[i] = h[i]! ^ mul(rot(mul(k, c[i]!), turn[i]!), c[(i + 1) % 4]!);
      if (bytes.length - at < 16) continue;
      h[i] = (mul((rot(h[i]!, mix[i]![0]) + h[(i + 1) % 4]!) & mask, 5n) + mix[i]![1]) & mask;
    }
  }
  for (let i = 0; i < 4; i++) h[i] = h[i]! ^ BigInt(bytes.length);
  const spread = (): void => {
    h[0] = (h[0] + h[1] + h[2] + h[3]) & mask;
    for (let i = 1; i < 4; i++) h[i] = (h[i]! + h[0]) & mask;
  };
  spread();
  for (let i = 0; i < 4; i++) {
    let x = h[i]!;
    x = mul(x ^ (x >> 16n), 0x85ebca6bn);
    x = mul(x ^ (x >> 13n), 0xc2b2ae35n);
    h[i] = x ^ (x >> 16n);
  }
  spread();
  return h;
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true);
  return bytes;
}

describe('hash128', () => {
  it('the oracle has the verification value that SMHasher publishes for MurmurHash3_x86_128', () => {
    // SMHasher's VerificationTest: keys {}, {0}, {0,1}, … with seeds 256 - length; then the hash of all hashes.
    const all = new Uint8Array(256 * 16);
    const view = new DataView(all.buffer);
    for (let n = 0; n < 256; n++) {
      const key = Uint8Array.from({ length: n }, (_, i) => i);
      oracle(key, 256 - n).forEach((word, i) => {
        view.setUint32(n * 16 + i * 4, Number(word), true);
      });
    }
    expect(oracle(all, 0)[0]).toBe(0xb3ece62an);
  });

  it('agrees with the oracle on any text, surrogates and all tail lengths included', () => {
    const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 }));
    fc.assert(
      fc.property(text, (t) => {
        expect(hash128(t).map(BigInt)).toEqual(oracle(utf16(t), 0));
      }),
      { seed: 3, numRuns: 300 },
    );
    for (let n = 0; n <= 33; n++) {
      const t = '1/0/Ā\uffff'.repeat(7).slice(0, n);
      expect(hash128(t).map(BigInt)).toEqual(oracle(utf16(t), 0));
    }
  });

  it('one changed bit of the text changes half of the bits of the hash (avalanche)', () => {
    // 20 000 pairs * 128 bits: the mean share of changed bits has deviation 0.5 / 1600; bound at 6 of them (2e-9).
    let changed = 0;
    const pairs = 20_000;
    for (let i = 0; i < pairs; i++) {
      const text = `stream ${i}`;
      const at = i % text.length;
      const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << (i % 16)));
      const [a, b] = [hash128(text), hash128(text.slice(0, at) + flipped + text.slice(at + 1))];
      for (let w = 0; w < 4; w++) {
        for (let x = (a[w]! ^ b[w]!) >>> 0; x !== 0; x &= x - 1) changed++;
      }
    }
    expect(Math.abs(changed / (pairs * 128) - 0.5)).toBeLessThan((6 * 0.5) / Math.sqrt(pairs * 128));
  });

  it('in hex: 32 digits, leading zeros kept', () => {
    expect(hashHex('')).toBe('0'.repeat(32));
    expect(hashHex('a')).toMatch(/^[0-9a-f]{32}$/);
    const small = Array.from({ length: 200 }, (_, i) => `x${i}`).find((t) => hash128(t)[1] < 2 ** 28)!;
    expect(hashHex(small).slice(8, 16)).toBe(hash128(small)[1].toString(16).padStart(8, '0'));
  });
});
