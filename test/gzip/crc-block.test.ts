import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { CrcBlock } from '../../src/gzip/crc-block.ts';

describe('the CRC of a block', () => {
  it('is put behind any other as if both had been read', () => {
    const bytes = fc.uint8Array({ maxLength: 2000 });
    fc.assert(
      fc.property(bytes, fc.array(bytes, { maxLength: 4 }), (first, others) => {
        const together = others.reduce((crc, other) => new CrcBlock(other).appendTo(crc), crc32(first));
        assert.equal(together, crc32(Buffer.concat([first, ...others])));
      }),
      { numRuns: 500 },
    );
  });

  it('is right for a block of a megabyte', () => {
    const large = Buffer.alloc(2 ** 20, 'tenstorrent');
    assert.equal(new CrcBlock(large).appendTo(crc32('before')), crc32(Buffer.concat([Buffer.from('before'), large])));
  });
});
