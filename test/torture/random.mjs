// Chance that can be repeated: every case of the campaign draws from a stream of its own, by seed, part and number.
import { namedStream } from '../../dist/kernel/rng.js';

export function chance(seed, part, index) {
  const rng = namedStream(seed, index, `torture/${part}`);
  const below = (n) => rng.below(n);
  return { below, uniform: () => rng.uniform(), pick: (list) => list[below(list.length)] };
}

const WORDS = [
  [
    '0',
    '-1',
    '1',
    '0.5',
    '1e308',
    '1e400',
    'NaN',
    '-0',
    '9007199254740993',
    '4398046511104',
    '65536',
    '18446744073709551615',
  ],
  ['16T', '1B/s', '1kbit/s', '1d', '100%', '64k', '512', 'auto', 'unlimited', '300ms', '104d', '1ns'],
  [
    'null',
    'true',
    '[]',
    '{}',
    '""',
    '~',
    '&a',
    '*a',
    '<<',
    '!!binary',
    '!!js/function',
    '__proto__',
    'constructor',
    '---',
  ],
  [
    '\u001b[2J',
    '\u0000',
    '\r',
    '\n',
    '\t',
    '"',
    "'",
    '\u202e',
    '\ufeff',
    '💥',
    ',',
    ';',
    ':',
    '../../x',
    '=1+1',
    '<script>',
  ],
].flat();

/** Some text with one to four slips in it. */
export function damaged(text, { below, pick }) {
  let out = text;
  for (let n = 1 + below(4); n > 0; n--) out = slip(out, below, pick);
  return out;
}

function slip(text, below, pick) {
  const at = below(text.length + 1);
  const until = Math.min(text.length, at + 1 + below(pick([2, 10, 200])));
  const lines = text.split('\n');
  switch (below(9)) {
    case 0:
      return text.slice(0, at) + text.slice(until);
    case 1:
      return text.slice(0, at) + pick(WORDS) + text.slice(at);
    case 2:
      return text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + text.slice(at, until).repeat(pick([2, 3, 50, 1000])) + text.slice(until);
    case 4:
      return text.slice(0, at);
    case 5: {
      const numbers = [...text.matchAll(/\d+(?:\.\d+)?/g)];
      const number = numbers[below(numbers.length || 1)];
      return number
        ? text.slice(0, number.index) + pick(WORDS) + text.slice(number.index + number[0].length)
        : text;
    }
    case 6: {
      const words = [...text.matchAll(/[a-zA-Z_][\w.-]*/g)];
      const [one, other] = [words[below(words.length || 1)], words[below(words.length || 1)]];
      return one && other
        ? text.slice(0, one.index) + other[0] + text.slice(one.index + one[0].length)
        : text;
    }
    case 7:
      [lines[below(lines.length)], lines[below(lines.length)]] = [
        lines[below(lines.length)],
        lines[below(lines.length)],
      ];
      return lines.join('\n');
    default:
      lines.splice(below(lines.length), 0, lines[below(lines.length)]);
      return lines.join('\n');
  }
}
