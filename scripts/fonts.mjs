// dist/fonts: what PNGs are drawn with. Of the 12 MB of DejaVu the two faces that figures use, and of those what people
// write titles with: Latin, Greek, Cyrillic, punctuation, and the signs of mathematics.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import subsetFont from 'subset-font';

const FACES = ['DejaVuSans', 'DejaVuSans-Bold'];

/** First and last of each range of Unicode. */
const RANGES = [
  [0x20, 0x52f],
  [0x1e00, 0x1fff],
  [0x2000, 0x22ff],
  [0x2500, 0x25ff],
  [0xfffd, 0xfffd],
];

const characters = RANGES.map(([first, last]) =>
  String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i)),
).join('');

/** Writes the faces, and the licence that goes with them. */
export async function buildFonts(root) {
  const from = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'));
  const to = join(root, 'dist', 'fonts');
  mkdirSync(to, { recursive: true });
  for (const face of FACES) {
    const whole = readFileSync(join(from, 'ttf', `${face}.ttf`));
    writeFileSync(join(to, `${face}.ttf`), await subsetFont(whole, characters, { targetFormat: 'truetype' }));
  }
  copyFileSync(join(from, 'LICENSE'), join(to, 'LICENSE'));
}
