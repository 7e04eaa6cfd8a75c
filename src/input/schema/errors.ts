import type { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { didYouMean } from '../values/suggest.js';

type Issue = z.core.$ZodIssue;

/** The issue that says most: inside a union, that of the branch which got furthest. */
function deepest(issue: Issue): { readonly issue: Issue; readonly path: readonly PropertyKey[] } {
  if (issue.code !== 'invalid_union') return { issue, path: issue.path };
  const inner = issue.errors
    .flatMap((branch) => branch.slice(0, 1))
    .map((each) => {
      const found = deepest(each);
      return { issue: found.issue, path: [...issue.path, ...found.path] };
    })
    .sort(
      (a, b) =>
        Number(b.issue.code !== 'invalid_type') - Number(a.issue.code !== 'invalid_type') ||
        b.path.length - a.path.length,
    );
  return inner[0] ?? { issue, path: issue.path };
}

/** One line from a failed check of a file: where, what was given, what is allowed. `known` are the keys to suggest from. */
export function schemaError(error: z.ZodError, where: string, known: readonly string[] = []): InputError {
  const { issue, path } = deepest(error.issues[0]!);
  const at = path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = [at, issue.keys[0]!].filter((part) => part !== '').join('.');
    return new InputError(`${where}: unknown key '${key}'${didYouMean(key, known)}`);
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && /received undefined$/.test(issue.message))
    return new InputError(`${where}: '${at}' is missing`);
  return new InputError(`${where}: ${at === '' ? '' : `${at}: `}${issue.message}`);
}
