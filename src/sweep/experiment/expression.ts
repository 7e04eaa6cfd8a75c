/**
 * The small language of `constraints` and `derived` in experiment files: numbers, sizes, times, names of
 * parameters (dots allowed), + - * /, comparisons, parentheses. No functions, no strings, nothing that could run code.
 *
 *   comparison := sum [('<=' | '<' | '>=' | '>' | '==' | '!=') sum]
 *   sum        := product (('+' | '-') product)*
 *   product    := factor (('*' | '/') factor)*
 *   factor     := number | name | '-' factor | '(' comparison ')'
 */
import { InputError } from '../../base/errors.js';
import { parseSize, parseTime } from '../../base/units.js';

/** Values by parameter name, in base units; a preset's name is text and can only be compared with == and !=. */
export type Values = Readonly<Record<string, number | string>>;

/** A parsed expression: evaluates to a number, or for a comparison to true or false. */
export interface Expression {
  readonly text: string;
  /** Every parameter the expression mentions. */
  readonly names: readonly string[];
  evaluate(values: Values): number | string | boolean;
}

/** A line or two. Each sign and parenthesis is a call inside a call. */
const TEXT_MAX = 1000;

type Node = (values: Values) => number | string | boolean;

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?[a-zA-Z]*)|([a-zA-Z][\w.-]*[\w]|[a-zA-Z])|(<=|>=|==|!=|[<>+\-*/()]))/y;

function tokenise(text: string, where: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new InputError(`${where}: '${text}' cannot be read from '${text.slice(at).trim()}' on`);
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  return tokens;
}

/** `64k`, `16T` are bytes; `300ms`, `80us` nanoseconds; a bare number is itself. */
function literal(token: string, where: string): number {
  const bare = Number(token);
  if (Number.isFinite(bare)) return bare;
  return /\d(ns|us|ms|s|min|h|d)$/.test(token) ? parseTime(token, where) : parseSize(token, where);
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<=': (a, b) => a <= b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
};

class Parser {
  readonly names = new Set<string>();
  private at = 0;

  private readonly text: string;
  private readonly where: string;
  private readonly tokens: readonly string[];

  constructor(text: string, where: string) {
    this.text = text;
    this.where = where;
    this.tokens = tokenise(text, where);
  }

  parse(): Node {
    const node = this.comparison();
    if (this.at < this.tokens.length) this.refuse(`'${this.tokens[this.at]}' is not expected`);
    return node;
  }

  private refuse(what: string): never {
    throw new InputError(
      `${this.where}: '${this.text}': ${what} (numbers, parameters, + - * / and comparisons)`,
    );
  }

  private number(value: number | string | boolean): number {
    return typeof value === 'number' ? value : this.refuse(`'${value}' is not a number`);
  }

  private comparison(): Node {
    const left = this.sum();
    const sign = this.tokens[this.at] ?? '';
    if (sign === '==' || sign === '!=') {
      this.at++;
      const right = this.sum();
      return (v) => (left(v) === right(v)) === (sign === '==');
    }
    const compare = COMPARE[sign];
    if (!compare) return left;
    this.at++;
    const right = this.sum();
    return (v) => compare(this.number(left(v)), this.number(right(v)));
  }

  private chain(signs: string, next: () => Node): Node {
    let node = next();
    while (signs.includes(this.tokens[this.at] ?? '?')) {
      const apply = ARITHMETIC[this.tokens[this.at++]!]!;
      const [left, right] = [node, next()];
      node = (v) => apply(this.number(left(v)), this.number(right(v)));
    }
    return node;
  }

  private sum(): Node {
    return this.chain('+-', () => this.product());
  }

  private product(): Node {
    return this.chain('*/', () => this.factor());
  }

  private factor(): Node {
    const token = this.tokens[this.at++];
    if (token === undefined) return this.refuse('ends too early');
    if (token === '-') {
      const inner = this.factor();
      return (v) => -this.number(inner(v));
    }
    if (token === '(') {
      const inner = this.comparison();
      if (this.tokens[this.at++] !== ')') this.refuse("a ')' is missing");
      return inner;
    }
    if (/^\d/.test(token)) {
      const value = literal(token, this.where);
      return () => value;
    }
    if (!/^[a-zA-Z]/.test(token)) this.refuse(`'${token}' is not expected`);
    this.names.add(token);
    return (v) => (Object.hasOwn(v, token) ? v[token]! : token);
  }
}

/** Reads an expression; `where` names the key of the file for the error. A name without a value stands for itself as text. */
export function parseExpression(text: string, where: string): Expression {
  if (text.length > TEXT_MAX)
    throw new InputError(`${where}: an expression of ${text.length} characters, the limit is ${TEXT_MAX}`);
  const parser = new Parser(text, where);
  const node = parser.parse();
  return { text, names: [...parser.names], evaluate: node };
}
