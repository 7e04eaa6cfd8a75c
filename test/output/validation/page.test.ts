import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { anyHost, labHost } from '../../../src/lab/host.js';
import { renderSvg } from '../../../src/output/figures/render.js';
import { markdownTable, withBlock } from '../../../src/output/validation/markdown.js';
import { ValidationPage } from '../../../src/output/validation/page.js';
import { FIGURES, PAGE, ROWS, refreshedText } from '../../../src/output/validation/refresh.js';

/** Takes seconds; the slow test has it. */
const SLOW = ['certainty', 'hosts', 'touches', 'pre-flush', 'spells'];

const page = new ValidationPage(ROWS, await labHost(), await anyHost());

describe('docs/validation.md', () => {
  const text = readFileSync(PAGE, 'utf8');

  it.each(Object.keys(page.blocks).filter((name) => !SLOW.includes(name)))(
    '%s: is what `npm run validation` writes',
    (name) => expect(refreshedText(text, page, [name])).toBe(text),
  );

  it('shows the figures that the rows give', async () => {
    for (const [name, drawing] of Object.entries(page.figures())) {
      expect(await renderSvg(drawing)).toBe(readFileSync(`${FIGURES}/${name}.svg`, 'utf8'));
      expect(text).toContain(`../${FIGURES}/${name}.svg`);
    }
  });

  it('has every block once', () => {
    for (const name of Object.keys(page.blocks))
      expect(text.split(`<!-- validation:${name}:begin -->`)).toHaveLength(2);
  });
});

describe('blocks and tables', () => {
  it('replace what is between the marks and nothing else', () => {
    const before = 'a\n<!-- validation:x:begin -->\nold\n<!-- validation:x:end -->\nb';
    expect(withBlock(before, 'x', 'new')).toBe(
      'a\n<!-- validation:x:begin -->\n\nnew\n\n<!-- validation:x:end -->\nb',
    );
    expect(withBlock(before, 'y', 'new')).toBeUndefined();
  });

  it('are Markdown', () => {
    expect(markdownTable(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --: |\n| 1 | 2 |');
  });
});
