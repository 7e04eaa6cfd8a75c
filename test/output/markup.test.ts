import { describe, expect, it } from 'vitest';
import { lines, markup, trusted } from '../../src/output/markup.js';

describe('markup', () => {
  it('escapes every hole', () => {
    const bad = '"><script>alert(1)</script>&\u001b';
    expect(markup`<p id="${bad}">${bad}</p>`.text).toBe(
      '<p id="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;\\x1b">&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;\\x1b</p>',
    );
  });

  it('takes markup as it is, alone and in lists, and numbers', () => {
    const items = ['<', 'b'].map((text) => markup`<li>${text}</li>`);
    expect(markup`<ul>${items}</ul>${3}${trusted('<br>')}`.text).toBe(
      '<ul><li>&lt;</li><li>b</li></ul>3<br>',
    );
    expect(lines(items).text).toBe('<li>&lt;</li>\n<li>b</li>');
  });

  it('does not take what only looks like markup', () => {
    // A tree out of a file has no prototype of ours.
    const fake = JSON.parse('{"text": "<script>"}') as { text: string };
    expect(markup`${fake.text}`.text).toBe('&lt;script&gt;');
  });
});
