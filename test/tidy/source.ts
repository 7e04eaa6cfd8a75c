/**
 * A source file as the rules of the tree see it: comments and strings blanked (every character replaced by a space,
 * so that positions and line numbers stay), its imports, and where its functions begin and end.
 *
 * Brackets are matched by hand; the code is formatted by Biome, so a few shapes cover what is written.
 */
import { posix } from 'node:path';

/** Of any sort: executed on load, a type, lazy by import(), or a path in a string. */
interface Import {
  /** Path from the root for our own files, else the package or `node:` name. */
  readonly target: string;
  readonly line: number;
}

export interface FunctionSpan {
  readonly firstLine: number;
  readonly lastLine: number;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Without comments and the insides of strings. */
  readonly code: string;
  /** Without comments only. */
  readonly uncommented: string;
  readonly imports: readonly Import[];
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** One token at a time: a comment, a string, a regular expression after an operator, or code. */
const TOKEN =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|\$\{(?:[^{}`]|\{[^{}]*\}|`[^`]*`)*\}|[^`\\])*`)|((?<=[=(,:!&|?;{}]\s*|return\s+)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[dgimsuvy]*)/g;

function stripped(text: string, withStrings: boolean): string {
  return text.replace(TOKEN, (token, comment?: string, string?: string) => {
    if (comment !== undefined) return blank(comment);
    if (withStrings) return token;
    if (string?.startsWith('`') !== true) return token[0] + blank(token.slice(1, -1)) + token.at(-1);
    // The expressions inside a template are code.
    let at = 1;
    let out = '`';
    for (const match of string.matchAll(/\$\{((?:[^{}`]|\{[^{}]*\})*)\}/g)) {
      out += `${blank(string.slice(at, match.index))}  ${match[1]} `;
      at = match.index + match[0].length;
    }
    return `${out}${blank(string.slice(at, -1))}\``;
  });
}

/** Line number, from 1, of a position. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < position; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

function importsOf(path: string, uncommented: string): Import[] {
  const found: Import[] = [];
  const seen = new Set<number>();
  const add = (specifier: string, at: number): void => {
    const own = specifier.startsWith('.');
    const target = own ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts') : specifier;
    found.push({ target, line: lineAt(uncommented, at) });
  };
  const statement = /^\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm;
  for (const match of uncommented.matchAll(statement)) {
    const at = match.index + match[0].length - match[2]!.length - 1;
    seen.add(at);
    add(match[2]!, at);
  }
  for (const match of uncommented.matchAll(/(['"])(\.{1,2}\/[^'"\n]+\.js)\1/g)) {
    if (!seen.has(match.index + 1)) add(match[2]!, match.index + 1);
  }
  for (const match of uncommented.matchAll(/\bimport\(\s*(['"])([^.'"][^'"\n]*)\1/g)) {
    add(match[2]!, match.index);
  }
  return found;
}

/** Reads one file; `path` is from the root of the tree, with `/`. */
export function parseSource(path: string, text: string): SourceFile {
  const uncommented = stripped(text, true);
  return { path, text, code: stripped(text, false), uncommented, imports: importsOf(path, uncommented) };
}

interface Frame {
  readonly open: string;
  /** An object or type literal, not a block. */
  readonly literal: boolean;
  /** Position of the function's first word, where the frame is its body. */
  readonly functionAt: number | undefined;
  /** Where the present statement (or member) of this frame begins. */
  statementAt: number;
}

const CONTROL = /^\s*(?:else|if|for|while|switch|catch|do|try|finally|with)\b/;

function openFrame(code: string, at: number, statementAt: number): Frame {
  const open = code[at]!;
  const frame = { open, literal: false, functionAt: undefined, statementAt: at + 1 };
  if (open !== '{') return frame;
  const header = code.slice(statementAt, at).trimEnd();
  const isArrow = header.endsWith('=>');
  if (!isArrow && (/[:=(,[<|&?]$/.test(header) || /\breturn$/.test(header)))
    return { ...frame, literal: true };
  const isFunction = isArrow || (/\)\s*(?::[\s\S]*)?$/.test(header) && !CONTROL.test(header));
  return isFunction ? { ...frame, functionAt: statementAt + header.search(/\S/) } : frame;
}

/** Every function, method and arrow function with a body in braces. */
export function functionsOf(file: SourceFile): FunctionSpan[] {
  const { code } = file;
  const spans: FunctionSpan[] = [];
  const frames: Frame[] = [{ open: '', literal: false, functionAt: undefined, statementAt: 0 }];
  for (const match of code.matchAll(/[{}()[\];,]/g)) {
    const at = match.index;
    const top = frames.at(-1)!;
    if ('{(['.includes(match[0])) frames.push(openFrame(code, at, top.statementAt));
    else if (match[0] === ';' || (match[0] === ',' && (top.literal || top.open === '(')))
      top.statementAt = at + 1;
    else if ('})]'.includes(match[0]) && frames.length > 1) {
      frames.pop();
      if (top.functionAt !== undefined)
        spans.push({ firstLine: lineAt(code, top.functionAt), lastLine: lineAt(code, at) });
      const outer = frames.at(-1)!;
      if (match[0] === '}' && !top.literal && outer.open !== '(') outer.statementAt = at + 1;
    }
  }
  return spans;
}
