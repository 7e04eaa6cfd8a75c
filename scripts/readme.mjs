// Puts what `npm start` prints into the README; test/cli/readme.test.ts holds it to that.
import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const printed = execSync(scripts.start, { encoding: 'utf8', env: { ...process.env, COLUMNS: '' } });
const block = /(<!-- start:begin -->\n```\n)[\s\S]*?(```\n<!-- start:end -->)/;
const readme = readFileSync('README.md', 'utf8');
writeFileSync(
  'README.md',
  readme.replace(block, (_, begin, end) => begin + printed + end),
);
