/** The studies give the same whoever runs them: questions that last long enough for threads to be started. */
import { expect, it } from 'vitest';
import { stopgap } from '../support/stopgap.js';

it.each([
  'ask --uncertainty --disk 16T',
  'solve disk --storage ceph-nvme --strategy store-at-stop',
  'compare --disk 16T --with bitmaps=2 --replications 200',
  'sensitivity --disk 16T --vary uncertainty',
])('%s', (words) => {
  const [one, two] = ['1', '2'].map((jobs) => stopgap(...words.split(' '), '--json', '--jobs', jobs));
  expect([one!.err, one!.code]).toEqual(['', 0]);
  expect(two).toEqual(one);
});
