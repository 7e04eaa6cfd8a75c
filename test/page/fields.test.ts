/** The form of the page has what `ask` can be told. */
import { expect, it } from 'vitest';
import { PARAMETERS } from '../../src/input/parameters.js';
import { fieldGroups } from '../../src/page/fields.js';

it('has a field for every parameter with a flag, but those that name files', () => {
  const fields = new Set(
    fieldGroups().flatMap(({ fields: all }) => all.map(({ parameter }) => parameter.path)),
  );
  const missing = PARAMETERS.filter(({ path, flag }) => flag !== undefined && !fields.has(path));
  expect(missing.map(({ kind }) => kind).filter((kind) => kind !== 'files' && kind !== 'parts')).toEqual([]);
  expect(fields).toContain('vms');
});
