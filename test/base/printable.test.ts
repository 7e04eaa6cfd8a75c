import { describe, expect, it } from 'vitest';
import { oneLine, printable, printableJson } from '../../src/base/printable.js';

const ESC = '\u001b';

describe('text for a terminal', () => {
  it('shows what would drive it', () => {
    expect(printable(`a${ESC}[31mred\u0007 \u009b2J \u202egnp.exe\r`)).toBe(
      'a\\x1b[31mred\\x07 \\x9b2J \\u202egnp.exe\\r',
    );
  });

  it('leaves lines, tabs, letters of all countries and hard spaces alone', () => {
    const text = 'a\tb\nµs — Größe 5\u00a0ms 漢字 🙂';
    expect(printable(text)).toBe(text);
  });

  it('is one line for an error, whatever is quoted in it', () => {
    expect(oneLine("x.yaml: 'a\nb' is not\r\na size")).toBe("x.yaml: 'a\\nb' is not\\r\\na size");
  });

  it('cuts long values, quoted or not, and no sentence', () => {
    const long = 'y'.repeat(5_000_000);
    expect(oneLine(`--set: '${long}' is not path=value`)).toBe(
      `--set: '${'y'.repeat(200)}…' is not path=value`,
    );
    expect(oneLine(`where: {"a":"${long}"} is not a size`).length).toBeLessThan(300);
    expect(oneLine(`'${'a b '.repeat(1000)}' is not`)).toHaveLength(2 + 201 + ' is not'.length);
    const sentence = `${'a sentence of many words '.repeat(40)}with fio's and qcow2's in it`;
    expect(oneLine(sentence)).toBe(sentence);
  });

  it('is JSON with the same meaning', () => {
    const value = { name: `a${ESC}\u009b\u2028b`, list: ['é\n'] };
    const text = printableJson(value);
    expect(JSON.parse(text)).toEqual(value);
    for (const character of `${ESC}\u009b\u2028`) expect(text).not.toContain(character);
  });
});
