// dist/explore.html: the page of `stopgap explore`. The model, the presets and the page's own program in one file.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A page has no files but the presets, nothing else of Node, no tables as text, and reads no CSV. */
const inPlaceOfNode = {
  name: 'in-place-of-node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:.*|cli-table3|string-width|wrap-ansi|csv-parse\/sync)$/ }, ({ path }) => ({
      path,
      namespace: 'node',
    }));
    onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => {
      const known = ['node:fs', 'node:url'].includes(path);
      const contents = known ? "module.exports = require('./src/page/files.ts');" : 'module.exports = {};';
      return { contents, loader: 'js', resolveDir: process.cwd() };
    });
  },
};

/** Presets by the path at which the model looks for them. */
function filesOf(root) {
  const names = readdirSync(join(root, 'models'), { recursive: true }).filter((name) =>
    name.endsWith('.yaml'),
  );
  const files = names.sort().map((name) => `models/${name}`);
  const texts = [...files, 'dist/presets.json'].map((file) => [
    `/${file}`,
    readFileSync(join(root, file), 'utf8'),
  ]);
  return { ...Object.fromEntries(texts), '/package.json': '{}' };
}

/** Writes the page; presets.json must be there. */
export async function buildPage(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/page/main.ts'],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'import.meta.url': '"file:///"', PAGE_FILES: JSON.stringify(filesOf(root)) },
    alias: { 'csv-stringify/sync': 'csv-stringify/browser/esm/sync' },
    plugins: [inPlaceOfNode],
  });
  const text = (name) => readFileSync(join(root, 'src', 'page', name), 'utf8');
  // Inside a script element `</script` would end it; functions, since `$` means something in a replacement.
  const script = outputFiles[0].text.replaceAll('</script', '<\\/script');
  const page = text('page.html')
    .replace('/*STYLE*/', () => text('page.css').trim())
    .replace('/*SCRIPT*/', () => script);
  writeFileSync(join(root, 'dist', 'explore.html'), page);
}
