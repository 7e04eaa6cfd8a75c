/**
 * Text to 128 bits, for stream states and run ids: MurmurHash3 x86 128-bit (Austin Appleby, public domain),
 * over UTF-16 code units. Not for secrets; it needs only to scatter, and to give the same bits everywhere.
 */
export type Hash128 = readonly [number, number, number, number];

const rotl = (x: number, r: number): number => (x << r) | (x >>> (32 - r));

function fmix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const C = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;
const ROTATE = [15, 16, 17, 18] as const;
const MIX = [
  [19, 0x561ccd1b],
  [17, 0x0bcaa747],
  [15, 0x96cd1c35],
  [13, 0x32ac3b17],
] as const;

/** 128 bits of the text, as four unsigned 32-bit words. */
export function hash128(text: string): Hash128 {
  const h: [number, number, number, number] = [0, 0, 0, 0];
  const k = [0, 0, 0, 0];
  const scramble = (i: 0 | 1 | 2 | 3): number =>
    Math.imul(rotl(Math.imul(k[i]!, C[i]), ROTATE[i]), C[((i + 1) & 3) as 0 | 1 | 2 | 3]);
  const unitsPerBlock = 8;
  const blocks = Math.floor(text.length / unitsPerBlock);
  const load = (at: number, end: number): void => {
    k.fill(0);
    for (let u = at; u < end; u++) {
      const slot = (u - at) >> 1;
      k[slot] = k[slot]! | (text.charCodeAt(u) << (((u - at) & 1) * 16));
    }
  };
  for (let b = 0; b < blocks; b++) {
    load(b * unitsPerBlock, (b + 1) * unitsPerBlock);
    for (let i = 0 as 0 | 1 | 2 | 3; ; i++) {
      h[i] = h[i] ^ scramble(i);
      h[i] = (Math.imul(rotl(h[i], MIX[i][0]) + h[((i + 1) & 3) as 0 | 1 | 2 | 3], 5) + MIX[i][1]) | 0;
      if (i === 3) break;
    }
  }
  load(blocks * unitsPerBlock, text.length);
  for (let i = 0 as 0 | 1 | 2 | 3; ; i++) {
    h[i] = h[i] ^ scramble(i) ^ (text.length * 2);
    if (i === 3) break;
  }
  const spread = (): void => {
    h[0] = (h[0] + h[1] + h[2] + h[3]) | 0;
    h[1] = (h[1] + h[0]) | 0;
    h[2] = (h[2] + h[0]) | 0;
    h[3] = (h[3] + h[0]) | 0;
  };
  spread();
  for (let i = 0 as 0 | 1 | 2 | 3; ; i++) {
    h[i] = fmix(h[i]);
    if (i === 3) break;
  }
  spread();
  return [h[0] >>> 0, h[1] >>> 0, h[2] >>> 0, h[3] >>> 0];
}

/** 32 lower-case hex digits of the text's hash. */
export function hashHex(text: string): string {
  return hash128(text)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}
