import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the README shows what `npm start` prints', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [program, ...args] = scripts.start.split(' ');
  expect(program).toBe('node');
  const printed = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const readme = readFileSync('README.md', 'utf8');
  const shown = /<!-- start:begin -->\n```\n([\s\S]*?)```\n<!-- start:end -->/.exec(readme)?.[1];
  expect(shown).toBe(printed);
});
