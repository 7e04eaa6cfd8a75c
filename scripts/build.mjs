// After the compiler: what makes the command line start fast.
//   dist/cli/main.js    the command line and the packages it needs, bundled; a command is a chunk loaded when asked for
//                       (some 150 small files would take longer to open than most answers take to work out)
//   dist/fonts/         the part of DejaVu that PNGs are drawn with
//   dist/explore.html   the page of `stopgap explore`
//   dist/presets.json   every preset parsed, by the hash of its text; a preset edited later is parsed when it is read
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { hashHex } from '../dist/base/hash.js';
import { buildFonts } from './fonts.mjs';
import { buildPage } from './page.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const files = readdirSync(join(root, 'models'), { recursive: true }).filter((file) => file.endsWith('.yaml'));
const texts = files.sort().map((file) => readFileSync(join(root, 'models', file), 'utf8'));
const trees = Object.fromEntries(texts.map((text) => [hashHex(text), parse(text)]));
writeFileSync(join(root, 'dist', 'presets.json'), JSON.stringify(trees));

/** yargs lays its help out with packages that know the width of emoji, and these take long to load: so only for the help. */
const layoutWhenCalled = {
  name: 'layout-when-called',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(cliui|string-width)$/ }, ({ path, importer, resolveDir }) =>
      importer.endsWith(join('yargs', 'lib', 'platform-shims', 'esm.mjs'))
        ? { path, namespace: 'when-called', pluginData: resolveDir }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'when-called' }, ({ path, pluginData }) => ({
      contents: `export default (...given) => require('${path}').default(...given);`,
      resolveDir: pluginData,
    }));
  },
};

rmSync(join(root, 'dist', 'chunks'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir: 'dist/cli',
  chunkNames: '../chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'linked',
  logLevel: 'warning',
  // Packages with files or workers of their own stay outside, and those seldom needed.
  plugins: [layoutWhenCalled],
  external: ['@observablehq/plot', '@resvg/resvg-js', 'linkedom', 'tinypool', 'yaml'],
  // Some of the packages are CommonJS and ask for Node's own modules by require().
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
});

await buildFonts(root);
await buildPage(root);
