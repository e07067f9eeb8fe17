import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BUNDLE_FILES, BUNDLE_FORMAT, BUNDLE_VERSION } from '../../../src/check/bundle/manifest.ts';
import { packTar, TarError, unpackTar } from '../../../src/check/bundle/tar.ts';
import { BundleError, readBundle } from '../../../src/simulator/replay/read-bundle.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { unlessRefused } from '../oracles/refusal.ts';

/** Where it would be laid out. */
const FOLDER = '/srv/bundle';
const BLOCK = 512;
const CHECKSUM = 148;

/** The archive of a bundle, with its checksums put right. */
export const BUNDLES: FuzzTarget = {
  name: 'bundles',
  seeds: () => [
    outside(),
    packTar(new Map([[BUNDLE_FILES.manifest, Buffer.from(JSON.stringify(manifest()))]]), 1),
    packTar(
      new Map([
        [
          BUNDLE_FILES.manifest,
          Buffer.from(JSON.stringify({ ...manifest(), links: { 'sys/a': '../b' }, faults: [], missing: ['x'] })),
        ],
        ['sys/bus/pci/devices/x', Buffer.from('1\n')],
        [`${'d/'.repeat(60)}file`, Buffer.from('text')],
      ]),
      1,
    ),
  ],
  tokens: [
    '../',
    '/etc/passwd',
    'ustar',
    '00000000017',
    '77777777777',
    '{"format":',
    '"version":1',
    '"links":{',
    '"files":',
    '\0',
    '1',
    '"regions":[',
    '"server":{',
  ],
  maxBytes: 16_384,
  run(input) {
    const archive = withChecksums(input);
    const files = unlessRefused([TarError], () => unpackTar(archive, { files: 100, bytes: 1 << 20 }));
    for (const path of files?.keys() ?? [])
      assert.equal(resolve(FOLDER, path), `${FOLDER}/${path}`, 'it leads elsewhere');
    if (files !== undefined) {
      const again = unpackTar(packTar(files, 1), { files: 100, bytes: 1 << 20 });
      assert.deepEqual(again, files);
    }
    unlessRefused([BundleError], () => readBundle(gzipSync(archive, { level: 0 })));
  },
};

function manifest() {
  return { format: BUNDLE_FORMAT, version: BUNDLE_VERSION };
}

/** One whose file lies beside the folder. */
function outside(): Buffer {
  const archive = packTar(new Map([['xx/passwd', Buffer.from('root')]]), 1);
  archive.write('..', 0, 'latin1');
  return archive;
}

/** Without it next to every change would be found by the checksum. */
function withChecksums(input: Buffer): Buffer {
  const archive = Buffer.from(input);
  for (let at = 0; at + BLOCK <= archive.length; at += BLOCK) {
    if (archive.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    archive.fill(0x20, at + CHECKSUM, at + CHECKSUM + 8);
    const sum = archive.subarray(at, at + BLOCK).reduce((total, byte) => total + byte, 0);
    archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + CHECKSUM, 'latin1');
  }
  return archive;
}
