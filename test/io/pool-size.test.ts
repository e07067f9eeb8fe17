import assert from 'node:assert/strict';
import { test } from 'node:test';

import { poolSizeFor, recommendedPoolSize, threadPoolSize } from '../../src/io/pool-size.ts';

test('the size of the pool is read as libuv reads it', () => {
  const sizes = [undefined, '40', '1', '0', '-3', 'many', '', '8 threads', '5000'];
  assert.deepEqual(
    sizes.map((size) => threadPoolSize(size === undefined ? {} : { UV_THREADPOOL_SIZE: size })),
    [4, 40, 1, 1, 1, 1, 1, 8, 1024],
  );
});

test('the recommended pool lets all 32 devices of the driver block and has threads left', () => {
  assert.equal(recommendedPoolSize, 40);
  assert.equal(poolSizeFor(2), 72, 'where a reset blocks two lanes of each');
});
