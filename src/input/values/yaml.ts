/**
 * YAML as people write it: data and nothing else. The parser knows no tag that would make an object or run code, and
 * what it would take for ever over, or what would run in a circle, is refused.
 */
import type { Document, LineCounter, ParsedNode } from 'yaml';
import { InputError } from '../../base/errors.js';
import { checkDepth } from './files.js';

/** A person's file; the parser needs a hundred times as much memory. */
const CHARACTERS_MAX = 2 ** 20;

type Yaml = typeof import('yaml');

/** The first place where the document says a thing twice, or stands inside itself. */
function flawOf(yaml: Yaml, document: Document.Parsed, lines: LineCounter): string | undefined {
  let flaw: string | undefined;
  const found = (what: string, node: ParsedNode): symbol => {
    const { line, col } = lines.linePos(node.range[0]);
    flaw = `${what} at line ${line}, column ${col}`;
    return yaml.visit.BREAK;
  };
  yaml.visit(document, {
    Map(_, { items }) {
      // The parser would compare each key with each other one, minutes for a mapping of 200,000.
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!yaml.isScalar(key)) continue;
        if (seen.has(key.value)) return found('Map keys must be unique', key as ParsedNode);
        seen.add(key.value);
      }
      return undefined;
    },
    Alias(_, alias, path) {
      const inside = path.some((node) => yaml.isCollection(node) && node.anchor === alias.source);
      return inside ? found(`*${alias.source} stands inside itself`, alias as ParsedNode) : undefined;
    },
  });
  return flaw;
}

/** Parses YAML (or JSON, which is YAML too); keys given twice and broken text are errors. */
export async function parseYaml(text: string, where: string): Promise<unknown> {
  if (text.length > CHARACTERS_MAX) throw new InputError(`${where}: more than 1 MiB of YAML`);
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const refuse = (what: string): never => {
    throw new InputError(`${where}: not valid YAML: ${what}`);
  };
  const reason = (error: Error): string => error.message.split('\n')[0]!.replace(/:$/, '');
  let value: unknown;
  try {
    const document = yaml.parseDocument(text, { uniqueKeys: false, lineCounter: lines, logLevel: 'error' });
    if (document.errors.length > 0) return refuse(reason(document.errors[0]!));
    const flaw = flawOf(yaml, document, lines);
    if (flaw !== undefined) return refuse(flaw);
    value = document.toJS();
  } catch (error) {
    if (error instanceof InputError) throw error;
    return refuse(reason(error as Error));
  }
  checkDepth(value, where);
  return value;
}
