import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { test } from 'node:test';

import { errnoOf, errorCode } from '../../src/io/error-code.ts';

test('an error number that libuv names has that name', () => {
  assert.deepEqual([2, 22, 61].map(errorCode), ['ENOENT', 'EINVAL', 'ENODATA']);
});

test('an error number without a name in userspace keeps its number', () => {
  assert.deepEqual([524, 512].map(errorCode), ['E524', 'E512']);
});

test('the error number of a failed call is positive, and EINVAL where the path was refused', () => {
  assert.deepEqual(['/nothing/here', 'a\0b'].map(errnoOfOpening), [2, 22]);
});

function errnoOfOpening(path: string): number {
  try {
    openSync(path, 'r');
  } catch (error) {
    return errnoOf(error);
  }
  return 0;
}
