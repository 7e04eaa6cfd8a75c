import { expect, it } from 'vitest';
import { assert, unreachable } from '../../src/base/assert.js';
import { InputError } from '../../src/base/errors.js';

it('assert throws on what is false, with its message, and passes on what is true', () => {
  expect(() => assert(false, 'a bit was lost')).toThrow('assertion failed: a bit was lost');
  expect(() => assert(0, 'zero')).toThrow('zero');
  expect(() => assert(true, '')).not.toThrow();
});

it('unreachable shows the value it should not have seen', () => {
  expect(() => unreachable({ kind: 'new' } as never)).toThrow('{"kind":"new"}');
});

it('an InputError has its own name and class', () => {
  const error = new InputError('--disk: ...');
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('InputError');
});
