import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PendingBytes } from '../../../src/sources/allocation-server/pending-bytes.ts';

test('bytes come out as they went in, in whatever parts, and memory is used again', () => {
  const step = fc.record({ append: fc.uint8Array({ maxLength: 3000 }), take: fc.integer({ min: 0, max: 6000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const pending = new PendingBytes();
      let expected = Buffer.alloc(0);
      for (const { append, take } of steps) {
        pending.append(append);
        expected = Buffer.concat([expected, append]);
        assert.deepEqual(Buffer.from(pending.take(take)), expected.subarray(0, take));
        expected = expected.subarray(take);
        assert.equal(pending.length, expected.length);
      }
      pending.clear();
      assert.equal(pending.length, 0);
    }),
  );
});
