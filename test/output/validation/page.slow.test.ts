import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { anyHost, labHost } from '../../../src/lab/host.js';
import { ValidationPage } from '../../../src/output/validation/page.js';
import { PAGE, ROWS, refreshedText } from '../../../src/output/validation/refresh.js';

it.each(['certainty', 'hosts', 'touches', 'pre-flush', 'spells'])(
  'docs/validation.md, %s: is what `npm run validation` writes',
  async (name) => {
    const text = readFileSync(PAGE, 'utf8');
    expect(refreshedText(text, new ValidationPage(ROWS, await labHost(), await anyHost()), [name])).toBe(
      text,
    );
  },
);
