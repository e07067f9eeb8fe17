import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSafePath, packTar, TarError, unpackTar } from '../../src/check/bundle/tar.ts';

const LIMITS = { files: 20, bytes: 5000 };
const part = fc.stringMatching(/^[a-z0-9:!_][a-z0-9:!_.-]{0,30}$/);
const path = fc
  .array(part, { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join('/'))
  .filter(isSafePath);

function one(name: string, bytes = Buffer.from('x')): Buffer {
  return packTar(new Map([[name, bytes]]), 0);
}

/** The archive of one file with other bytes in its header, and the sum put right. */
function forged(change: (header: Buffer) => void): Buffer {
  const archive = one('a/b');
  change(archive);
  archive.write('        ', 148, 'latin1');
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return archive;
}

describe('an archive', () => {
  it('gives what was packed', () => {
    fc.assert(
      fc.property(fc.dictionary(path, fc.uint8Array({ maxLength: 1500 }), { maxKeys: 10 }), (contents) => {
        const files = new Map(Object.entries(contents).map(([name, bytes]) => [name, Buffer.from(bytes)]));
        assert.deepEqual(unpackTar(packTar(files, 1_790_000_000.5), LIMITS), files);
      }),
    );
  });

  it('is one that tar reads, long paths too', () => {
    const long = `${'folder/'.repeat(20)}file`;
    const files = new Map([
      ['manifest.json', Buffer.from('{}\n')],
      [long, Buffer.alloc(513, 'y')],
    ]);
    const input = packTar(files, 1_790_000_000);
    assert.equal(execFileSync('tar', ['-tf', '-'], { input, encoding: 'utf8' }), `manifest.json\n${long}\n`);
    assert.equal(execFileSync('tar', ['-xOf', '-', long], { input, encoding: 'utf8' }), 'y'.repeat(513));
  });

  it('has no path that leads elsewhere', () => {
    for (const name of [
      '',
      '/etc/passwd',
      '../x',
      'a/../../x',
      'a/./b',
      'a//b',
      'a/',
      'a\\b',
      'a b',
      'a\0b',
      'ä',
      'a\n',
    ]) {
      assert.throws(() => one(name), TarError, name);
    }
  });
});

describe('an archive that somebody made', () => {
  const refused = (archive: Buffer, message: RegExp): void => {
    assert.throws(() => unpackTar(archive, LIMITS), { name: 'TarError', message });
  };

  it('is refused with a path that leads elsewhere', () => {
    for (const name of ['../x', '/x', 'a/../../x']) {
      refused(
        forged((header) => header.fill(0, 0, 100).write(name, 0)),
        /^".*" is a path that could lead elsewhere$/,
      );
    }
    refused(
      forged((header) => header.write('..', 345)),
      /^"\.\.\/a\/b" is a path that could lead elsewhere$/,
    );
  });

  it('is refused with a link, a folder or a device', () => {
    for (const type of ['1', '2', '3', '4', '5', '6', 'L', 'x']) {
      refused(
        forged((header) => header.write(type, 156)),
        /^"a\/b" is no plain file$/,
      );
    }
  });

  it('is refused where it is larger than it may be', () => {
    refused(
      forged((header) => header.write('77777777777', 124)),
      /^"a\/b" has 8589934591 bytes, where 5000 are the most$/,
    );
    refused(one('a', Buffer.alloc(5001)), /has 5001 bytes/);
    const many = new Map(Array.from({ length: 21 }, (_, i) => [`f${i}`, Buffer.alloc(0)]));
    refused(packTar(many, 0), /^it has more than 20 files$/);
  });

  it('is refused where a file is there twice, it is cut, or it is something else', () => {
    const archive = one('a');
    refused(Buffer.concat([archive.subarray(0, 1024), archive]), /^"a" is there twice$/);
    for (const length of [0, 300, 512, 700, 1024, 1500])
      refused(archive.subarray(0, length), /^the archive is cut short$/);
    refused(Buffer.alloc(2048, 'z'), /^it is no tar archive of the format ustar$/);
    refused(
      forged((header) => header.write('-1', 124)),
      /^"a\/b" has no size$/,
    );
  });

  it('never does anything else, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), fc.nat(1535), (noise, at) => {
        const archive = one('a/b', Buffer.alloc(400));
        archive.set(noise.subarray(0, archive.length - at), at);
        try {
          for (const name of unpackTar(archive, LIMITS).keys()) assert.ok(isSafePath(name));
        } catch (error) {
          if (!(error instanceof TarError)) throw error;
        }
      }),
    );
  });
});
