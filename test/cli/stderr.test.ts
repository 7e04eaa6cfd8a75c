/** Notes wait for a result: where there is none, the reason is all that is said. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { complain, fail, note, noteNow, releaseNotes } from '../../src/cli/stderr.js';

let said: string[];
beforeEach(() => {
  said = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});
afterEach(() => {
  releaseNotes();
  vi.restoreAllMocks();
});

describe('notes', () => {
  it('are dropped where bad input is all there is to say', () => {
    note('the granularity was assumed');
    note('so was the rest');
    fail('--disk: not a size');
    releaseNotes();
    expect(said).toEqual(['stopgap: --disk: not a size\n']);
  });

  it('come before what is wrong with a result that there is, in order, and once', () => {
    note('one');
    note('two');
    complain('over the budget');
    releaseNotes();
    const lines = ['note: one', 'note: two', 'over the budget'];
    expect(said).toEqual(lines.map((line) => `stopgap: ${line}\n`));
  });

  it('are said once, however many answers they hold for', () => {
    note('one');
    note('one');
    releaseNotes();
    expect(said).toEqual(['stopgap: note: one\n']);
  });

  it('of what happens now do not wait, nor do those before them', () => {
    note('first');
    noteNow('waiting for a lock');
    expect(said).toEqual(['stopgap: note: first\n', 'stopgap: note: waiting for a lock\n']);
  });
});
